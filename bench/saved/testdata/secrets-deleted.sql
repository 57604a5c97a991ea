SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  json_extract_string(requestParameters, '$.secretId') AS secret,
  CASE WHEN json_extract_string(requestParameters, '$.forceDeleteWithoutRecovery') = 'true' THEN 'yes' ELSE 'no' END AS at_once,
  json_extract_string(requestParameters, '$.recoveryWindowInDays') AS recovery_days,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'secretsmanager.amazonaws.com'
  AND eventName = 'DeleteSecret'
ORDER BY event_time DESC, event_id
