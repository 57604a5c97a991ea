SELECT recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  eventSource AS event_source,
  eventName AS event_name,
  count(DISTINCT eventID) AS changes,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND NOT readOnly
  AND errorCode IS NULL
  AND managementEvent IS DISTINCT FROM false
GROUP BY 1, 2, 3, 4
ORDER BY last_seen DESC, principal, account, event_source, event_name
LIMIT :limit
