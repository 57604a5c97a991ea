SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.logGroupName'), json_extract_string(requestParameters, '$.destinationName')) AS log_group,
  json_extract_string(requestParameters, '$.logStreamName') AS log_stream,
  json_extract_string(requestParameters, '$.retentionInDays') AS retention_days,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'logs.amazonaws.com'
  AND (eventName IN ('DeleteLogGroup', 'DeleteLogStream', 'DeleteSubscriptionFilter', 'DeleteDestination', 'DeleteMetricFilter')
    OR (eventName = 'PutRetentionPolicy' AND TRY_CAST(json_extract_string(requestParameters, '$.retentionInDays') AS bigint) <= :max_days))
ORDER BY event_time DESC, event_id
