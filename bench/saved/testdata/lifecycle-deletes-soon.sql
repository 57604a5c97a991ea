WITH written AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    json_extract_string(requestParameters, '$.bucketName') AS bucket,
    list_min(list_transform(regexp_extract_all(json_extract_string(requestParameters, '$.LifecycleConfiguration'),
      '"(?:Noncurrent)?(?:Version)?Expiration":[{][^}]*"(?:Noncurrent)?Days":"?([0-9]+)', 1), lambda d : TRY_CAST(d AS BIGINT))) AS days,
    json_extract_string(requestParameters, '$.LifecycleConfiguration') AS configuration
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 's3.amazonaws.com'
    AND eventName IN ('PutBucketLifecycle', 'PutBucketLifecycleConfiguration')
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  sourceIPAddress AS address,
  bucket,
  days,
  configuration,
  errorCode AS error,
  eventID AS event_id
FROM written
WHERE days <= :max_days
ORDER BY event_time DESC, event_id
