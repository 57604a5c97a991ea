SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.bucketName') AS bucket,
  json_extract_string(requestParameters, '$.key') AS object_key,
  json_extract_string(requestParameters, '$."x-amz-acl"') AS canned_acl,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutBucketAcl', 'PutObjectAcl', 'PutObject', 'CreateBucket', 'CopyObject', 'CreateMultipartUpload')
  AND (json_extract_string(requestParameters, '$."x-amz-acl"') IN ('public-read', 'public-read-write', 'authenticated-read')
    OR strpos(json_extract_string(requestParameters, '$.AccessControlPolicy'), 'groups/global/AllUsers') > 0
    OR strpos(json_extract_string(requestParameters, '$.AccessControlPolicy'), 'groups/global/AuthenticatedUsers') > 0
    OR strpos(json_extract_string(requestParameters, '$.accessControlList'), 'groups/global/') > 0)
ORDER BY event_time DESC, event_id
