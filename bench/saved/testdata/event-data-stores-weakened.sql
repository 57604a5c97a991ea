SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.eventDataStore') AS store,
  json_extract_string(requestParameters, '$.retentionPeriod') AS retention_days,
  json_extract_string(requestParameters, '$.terminationProtectionEnabled') AS protected,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'cloudtrail.amazonaws.com'
  AND (eventName IN ('DeleteEventDataStore', 'StopEventDataStoreIngestion')
    OR (eventName = 'UpdateEventDataStore'
      AND (json_extract_string(requestParameters, '$.terminationProtectionEnabled') = 'false'
        OR json_extract_string(requestParameters, '$.retentionPeriod') IS NOT NULL
        OR json_extract_string(requestParameters, '$.advancedEventSelectors') IS NOT NULL)))
ORDER BY event_time DESC, event_id
