SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.functionName') AS function_name,
  json_extract_string(responseElements, '$.codeSha256') AS code_sha256,
  json_extract_string(requestParameters, '$.layers') AS layers,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'lambda.amazonaws.com'
  AND (eventName LIKE 'UpdateFunctionCode%'
    OR (eventName LIKE 'UpdateFunctionConfiguration%' AND json_extract_string(requestParameters, '$.layers') IS NOT NULL))
  AND json_extract_string(requestParameters, '$.dryRun') IS DISTINCT FROM 'true'
ORDER BY event_time DESC, event_id
