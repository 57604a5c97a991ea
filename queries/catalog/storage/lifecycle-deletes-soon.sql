-- name: lifecycle-deletes-soon
-- title: Lifecycle rules that delete soon
-- description: Lifecycle rules by which objects expire after max_days or fewer. A rule of one day
--   empties a bucket of any size without a single DeleteObject in the logs: backups, and the bucket
--   of the trail itself.
-- severity: high
-- technique: T1485.001, T1562.008
-- apis: PutBucketLifecycle, PutBucketLifecycleConfiguration
-- false-positives: Buckets for temporary files.
-- next: Take the rule away at once (aws s3api delete-bucket-lifecycle): it works at midnight UTC.
--   Is it the bucket of a trail? Then see logging-tampering.
-- tags: storage, s3, impact, defense-evasion
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   max_days: integer = 7
--     Longest life of an object in days that is listed.
WITH written AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    element_at(requestParameters, 'bucketName') AS bucket,
    array_min(transform(regexp_extract_all(element_at(requestParameters, 'LifecycleConfiguration'),
      '"(?:Noncurrent)?(?:Version)?Expiration":[{][^}]*"(?:Noncurrent)?Days":"?([0-9]+)', 1), d -> TRY_CAST(d AS bigint))) AS days,
    element_at(requestParameters, 'LifecycleConfiguration') AS configuration
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
