SELECT errorCode AS error,
  eventSource AS event_source,
  count(*) AS errors,
  count(DISTINCT eventName) AS actions,
  min(eventName) AS an_action,
  count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown')) AS principals,
  min(errorMessage) AS a_message,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND errorCode IS NOT NULL
GROUP BY errorCode, eventSource
ORDER BY errors DESC, error, event_source
LIMIT :limit
