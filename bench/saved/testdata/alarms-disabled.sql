SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.alarmNames'), json_extract_string(requestParameters, '$.alarmName')) AS alarms,
  json_extract_string(requestParameters, '$.stateValue') AS state,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'monitoring.amazonaws.com'
  AND eventName IN ('DeleteAlarms', 'DisableAlarmActions', 'SetAlarmState')
ORDER BY event_time DESC, event_id
