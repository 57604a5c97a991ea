-- name: buckets-deleted
-- title: Buckets deleted
-- description: Who deleted a bucket. Its name is free at once: whoever takes it gets what programs
--   and names still send there. Rows with an error are attempts.
-- severity: medium
-- technique: T1485
-- apis: DeleteBucket
-- false-positives: Clean-up by infrastructure code.
-- next: Does anything still use the name? Take it again (create the bucket) until that is clear.
-- tags: storage, s3, impact
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
  element_at(requestParameters, 'bucketName') AS bucket,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName = 'DeleteBucket'
ORDER BY event_time DESC, event_id
