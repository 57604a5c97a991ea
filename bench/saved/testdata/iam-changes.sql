SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventSource AS event_source,
  eventName AS event_name,
  errorCode AS error,
  userAgent AS user_agent,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND (readOnly = false
    OR (readOnly IS NULL AND eventName NOT LIKE 'Get%' AND eventName NOT LIKE 'List%'
      AND eventName NOT LIKE 'Generate%' AND eventName NOT LIKE 'Simulate%'))
ORDER BY event_time DESC, event_id
LIMIT :limit
