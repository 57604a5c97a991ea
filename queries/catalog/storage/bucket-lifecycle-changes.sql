-- name: bucket-lifecycle-changes
-- title: Changes to when objects expire
-- description: Lifecycle rules of buckets that were written or deleted. A rule decides when objects
--   are deleted, and nobody calls DeleteObject for it; a rule that is gone keeps what had to be
--   deleted. Rules that delete within days are listed apart in lifecycle-deletes-soon. Rows with an
--   error are attempts.
-- severity: low
-- apis: PutBucketLifecycle, PutBucketLifecycleConfiguration, DeleteBucketLifecycle
-- false-positives: Infrastructure code, which writes the rules of every bucket that it makes.
-- next: Compare with the retention that the bucket's data needs.
-- tags: storage, s3, changes, cis
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  element_at(requestParameters, 'bucketName') AS bucket,
  element_at(requestParameters, 'LifecycleConfiguration') AS configuration,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutBucketLifecycle', 'PutBucketLifecycleConfiguration', 'DeleteBucketLifecycle')
ORDER BY event_time DESC, event_id
