SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT eventID) AS deletions,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (eventName LIKE 'Delete%' OR eventName LIKE 'Terminate%' OR eventName LIKE 'Purge%' OR eventName LIKE 'Deregister%')
  AND errorCode IS NULL
  AND managementEvent IS DISTINCT FROM false
GROUP BY 1, 2, 3
HAVING count(DISTINCT eventID) >= :min_deletions
ORDER BY event_hour DESC, deletions DESC, principal, account
