SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventSource AS event_source,
  eventName AS event_name,
  readOnly AS read_only,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID e
WHERE eventTime >= :since AND eventTime < :until
  AND strpos($EVENT_JSON, '"' || :resource || '"') > 0
ORDER BY event_time DESC, event_id
LIMIT :limit
