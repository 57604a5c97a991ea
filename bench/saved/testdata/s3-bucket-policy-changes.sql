WITH changed AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    json_extract_string(requestparameters, '$.bucketName') AS bucket,
    requestParameters AS request
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 's3.amazonaws.com'
    AND eventName IN ('PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketAcl', 'PutBucketPublicAccessBlock',
      'DeleteBucketPublicAccessBlock', 'PutAccountPublicAccessBlock', 'DeleteAccountPublicAccessBlock',
      'PutBucketWebsite', 'PutBucketCors', 'DeleteBucketCors', 'PutBucketReplication', 'PutBucketOwnershipControls')
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  eventName AS event_name,
  bucket,
  CASE WHEN eventName IN ('DeleteBucketPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
      OR request LIKE '%"Principal":"*"%' OR request LIKE '%"AWS":"*"%' OR request LIKE '%"AWS":["*"]%'
      OR request LIKE '%global/AllUsers%' OR request LIKE '%global/AuthenticatedUsers%'
      OR request LIKE '%"x-amz-acl":["public-read%' OR request LIKE '%"x-amz-acl":"public-read%'
      OR request LIKE '%"RestrictPublicBuckets":false%' OR request LIKE '%"BlockPublicPolicy":false%'
      OR request LIKE '%"BlockPublicAcls":false%' OR request LIKE '%"IgnorePublicAcls":false%'
    THEN 'yes' ELSE 'no' END AS maybe_public,
  sourceIPAddress AS address,
  errorCode AS error,
  eventID AS event_id
FROM changed
ORDER BY event_time DESC, event_id
LIMIT :limit
