WITH calls AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventSource, eventName, eventTime, eventID,
    errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%' AS denied,
    errorCode IS NULL AS allowed
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
)
SELECT account,
  principal,
  eventSource AS event_source,
  eventName AS event_name,
  count(DISTINCT CASE WHEN denied THEN eventID END) AS denials,
  min(CASE WHEN denied THEN eventTime END) AS first_denied,
  max(CASE WHEN denied THEN eventTime END) AS last_denied,
  min(CASE WHEN allowed THEN eventTime END) AS first_allowed
FROM calls
GROUP BY account, principal, eventSource, eventName
HAVING min(CASE WHEN denied THEN eventTime END) < min(CASE WHEN allowed THEN eventTime END)
ORDER BY first_allowed DESC, principal, event_source, event_name, account
