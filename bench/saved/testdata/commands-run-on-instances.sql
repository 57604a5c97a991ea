SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.documentName') AS document,
  coalesce(json_extract_string(requestParameters, '$.instanceIds'), json_extract_string(requestParameters, '$.target'), json_extract_string(requestParameters, '$.targets'),
    json_extract_string(requestParameters, '$.instanceId')) AS instances,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ssm.amazonaws.com'
  AND eventName IN ('SendCommand', 'StartSession', 'StartAutomationExecution', 'CreateAssociation')
ORDER BY event_time DESC, event_id
