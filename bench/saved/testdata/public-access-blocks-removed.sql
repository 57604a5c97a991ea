SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.bucketName'), 'whole account') AS bucket,
  json_extract_string(requestParameters, '$.PublicAccessBlockConfiguration') AS block,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND (eventName IN ('DeleteBucketPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
    OR (eventName IN ('PutBucketPublicAccessBlock', 'PutAccountPublicAccessBlock')
      AND strpos(json_extract_string(requestParameters, '$.PublicAccessBlockConfiguration'), 'false') > 0))
ORDER BY event_time DESC, event_id
