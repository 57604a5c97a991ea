SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.sourceArn'), json_extract_string(requestParameters, '$.tableArn')) AS exported,
  coalesce(json_extract_string(requestParameters, '$.s3BucketName'), json_extract_string(requestParameters, '$.s3Bucket')) AS bucket,
  json_extract_string(requestParameters, '$.s3BucketOwner') AS bucket_owner,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND ((eventSource = 'rds.amazonaws.com' AND eventName = 'StartExportTask')
    OR (eventSource = 'dynamodb.amazonaws.com' AND eventName = 'ExportTableToPointInTime'))
  AND coalesce(json_extract_string(requestParameters, '$.s3BucketName'), json_extract_string(requestParameters, '$.s3Bucket'), 'unknown') NOT IN (:known_buckets)
ORDER BY event_time DESC, event_id
