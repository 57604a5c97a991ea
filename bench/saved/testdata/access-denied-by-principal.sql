SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(*) AS denials,
  count(DISTINCT eventSource || ':' || eventName) AS actions,
  count(DISTINCT eventSource) AS services,
  count(DISTINCT sourceIPAddress) AS addresses,
  array_agg(DISTINCT eventSource ORDER BY eventSource) AS service_list,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%')
GROUP BY coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown')
HAVING count(*) >= :min_denials
ORDER BY actions DESC, denials DESC, principal
