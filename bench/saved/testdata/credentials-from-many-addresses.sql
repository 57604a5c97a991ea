SELECT userIdentity.accessKeyId AS access_key,
  min(coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown')) AS actor,
  count(DISTINCT sourceIPAddress) AS addresses,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS address_list,
  count(*) AS calls,
  count(errorCode) AS errors,
  count(DISTINCT awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND userIdentity.accessKeyId IS NOT NULL AND userIdentity.accessKeyId <> ''
  AND (strpos(sourceIPAddress, ':') > 0 OR lower(sourceIPAddress) = upper(sourceIPAddress))
GROUP BY userIdentity.accessKeyId
HAVING count(DISTINCT sourceIPAddress) >= :min_addresses
ORDER BY addresses DESC, calls DESC, access_key
