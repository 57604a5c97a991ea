WITH used AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventSource AS event_source,
    count(DISTINCT eventID) AS calls,
    count(DISTINCT eventName) AS actions,
    max(eventTime) AS last_used
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.type IN ('IAMUser', 'AssumedRole', 'FederatedUser')
    AND NOT coalesce((errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%'), false)
  GROUP BY 1, 2, 3
),
active AS (
  SELECT *, max(last_used) OVER (PARTITION BY account, principal) AS principal_last_used, max(last_used) OVER () AS newest
  FROM used
)
SELECT account,
  principal,
  event_source,
  calls,
  actions,
  last_used,
  date_sub('day', last_used, newest) AS unused_days,
  principal_last_used
FROM active
WHERE date_sub('day', last_used, newest) >= :days
ORDER BY unused_days DESC, principal, event_source, account
