SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.bucketName') AS bucket,
  coalesce(json_extract_string(requestParameters, '$.ReplicationConfiguration.Rule.Destination.Bucket'),
    json_extract_string(requestParameters, '$.ReplicationConfiguration.Rule[0].Destination.Bucket')) AS destination,
  coalesce(json_extract_string(requestParameters, '$.ReplicationConfiguration.Rule.Destination.Account'),
    json_extract_string(requestParameters, '$.ReplicationConfiguration.Rule[0].Destination.Account')) AS destination_account,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutBucketReplication', 'DeleteBucketReplication')
ORDER BY event_time DESC, event_id
