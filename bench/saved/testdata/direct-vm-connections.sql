SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.instanceId'), json_extract_string(requestParameters, '$.target'),
    json_extract_string(requestParameters, '$.privateIpAddress'), json_extract_string(requestParameters, '$.sessionId')) AS target,
  json_extract_string(requestParameters, '$.instanceOSUser') AS os_user,
  json_extract_string(requestParameters, '$.documentName') AS document,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (eventSource = 'ec2-instance-connect.amazonaws.com' AND eventName IN ('SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey', 'OpenTunnel')
    OR eventSource = 'ec2.amazonaws.com' AND eventName = 'EnableSerialConsoleAccess'
    OR eventSource = 'ssm.amazonaws.com' AND eventName IN ('StartSession', 'ResumeSession'))
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
ORDER BY event_time DESC, event_id
