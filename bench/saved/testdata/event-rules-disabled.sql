SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.rule'), json_extract_string(requestParameters, '$.name'), json_extract_string(requestParameters, '$.archiveName')) AS rule_name,
  json_extract_string(requestParameters, '$.ids') AS targets,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'events.amazonaws.com'
  AND (eventName IN ('DisableRule', 'DeleteRule', 'RemoveTargets', 'DeleteEventBus', 'DeleteArchive')
    OR (eventName = 'PutRule' AND json_extract_string(requestParameters, '$.state') = 'DISABLED'))
ORDER BY event_time DESC, event_id
