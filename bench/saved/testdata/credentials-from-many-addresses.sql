WITH used AS (
  SELECT userIdentity.accessKeyId AS access_key,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    sourceIPAddress, awsRegion,
    count(*) AS calls,
    count(errorCode) AS errors,
    min(eventTime) AS first_seen,
    max(eventTime) AS last_seen
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.accessKeyId IS NOT NULL AND userIdentity.accessKeyId <> ''
    AND (strpos(sourceIPAddress, ':') > 0 OR lower(sourceIPAddress) = upper(sourceIPAddress))
  GROUP BY 1, 2, 3, 4
)
SELECT access_key,
  min(actor) AS actor,
  count(DISTINCT sourceIPAddress) AS addresses,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS address_list,
  CAST(sum(calls) AS bigint) AS calls,
  CAST(sum(errors) AS bigint) AS errors,
  count(DISTINCT awsRegion) AS regions,
  min(first_seen) AS first_seen,
  max(last_seen) AS last_seen
FROM used
GROUP BY access_key
HAVING count(DISTINCT sourceIPAddress) >= :min_addresses
ORDER BY addresses DESC, calls DESC, access_key
