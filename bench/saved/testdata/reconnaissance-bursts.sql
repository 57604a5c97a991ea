SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT eventSource || ':' || eventName) AS actions,
  count(DISTINCT eventSource) AS services,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%'
    THEN eventID END) AS denied,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND readOnly
  AND managementEvent IS DISTINCT FROM false
GROUP BY 1, 2, 3, 4
HAVING count(DISTINCT eventSource || ':' || eventName) >= :min_actions
ORDER BY event_hour DESC, actions DESC, principal, address, account
