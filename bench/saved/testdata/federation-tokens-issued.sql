SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  json_extract_string(requestParameters, '$.name') AS session_name,
  json_extract_string(requestParameters, '$.durationSeconds') AS duration_seconds,
  json_extract_string(responseElements, '$.credentials.accessKeyId') AS issued_key,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'sts.amazonaws.com'
  AND eventName = 'GetFederationToken'
ORDER BY event_time DESC, event_id
