SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  nullif(userIdentity.accessKeyId, '') AS access_key,
  eventSource AS event_source,
  eventName AS event_name,
  readOnly AS read_only,
  errorCode AS error,
  userAgent AS user_agent,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND sourceIPAddress = :address
ORDER BY event_time DESC, event_id
LIMIT :limit
