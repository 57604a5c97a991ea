SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.cluster') AS cluster,
  json_extract_string(requestParameters, '$.task') AS task,
  json_extract_string(requestParameters, '$.container') AS container,
  json_extract_string(requestParameters, '$.command') AS command,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ecs.amazonaws.com'
  AND eventName = 'ExecuteCommand'
ORDER BY event_time DESC, event_id
