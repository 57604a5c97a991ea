-- name: bucket-replication-changed
-- title: Replication of buckets set up or removed
-- description: Who made S3 copy a bucket's objects to another bucket by itself, where to, and to
--   whose account, or who stopped it. Replication carries out everything that will ever be written,
--   without a further call. Rows with an error are attempts.
-- severity: high
-- technique: T1537
-- apis: PutBucketReplication, DeleteBucketReplication
-- false-positives: Backups to a second region or account.
-- next: Is the destination yours? If not, delete the replication (aws s3api
--   delete-bucket-replication) and its role.
-- tags: storage, s3, exfiltration
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
  coalesce(json_extract_scalar(element_at(requestParameters, 'ReplicationConfiguration'), '$.Rule.Destination.Bucket'),
    json_extract_scalar(element_at(requestParameters, 'ReplicationConfiguration'), '$.Rule[0].Destination.Bucket')) AS destination,
  coalesce(json_extract_scalar(element_at(requestParameters, 'ReplicationConfiguration'), '$.Rule.Destination.Account'),
    json_extract_scalar(element_at(requestParameters, 'ReplicationConfiguration'), '$.Rule[0].Destination.Account')) AS destination_account,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutBucketReplication', 'DeleteBucketReplication')
ORDER BY event_time DESC, event_id
