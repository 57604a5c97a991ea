SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  eventSource AS event_source,
  eventName AS event_name,
  readOnly AS read_only,
  errorCode AS error,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  userIdentity.arn AS session,
  nullif(userIdentity.accessKeyId, '') AS access_key,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (userIdentity.arn = :arn
    OR userIdentity.sessionContext.sessionIssuer.arn = :arn
    OR userIdentity.accessKeyId = :arn
    OR userIdentity.principalId = :arn)
ORDER BY event_time DESC, event_id
LIMIT :limit
