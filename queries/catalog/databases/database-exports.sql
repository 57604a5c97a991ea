-- name: database-exports
-- title: Databases exported to S3
-- description: Exports of snapshots (RDS, Aurora) and tables (DynamoDB) to a bucket: the quiet
--   way to take a whole database out, without a connection to it. bucket_owner is given for
--   DynamoDB when it is another account. Rows with an error are attempts.
-- severity: medium
-- technique: T1537, T1530
-- apis: StartExportTask, ExportTableToPointInTime
-- false-positives: Exports for analysis, always to the same bucket: put it into known_buckets.
-- next: Whose is the bucket? If it is not yours, the data is gone. cross-account-object-reads
--   tells who read from one of yours.
-- tags: databases, rds, dynamodb, exfiltration
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   known_buckets: strings = ''
--     Names of buckets into which exports may go, separated by commas.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(element_at(requestParameters, 'sourceArn'), element_at(requestParameters, 'tableArn')) AS exported,
  coalesce(element_at(requestParameters, 's3BucketName'), element_at(requestParameters, 's3Bucket')) AS bucket,
  element_at(requestParameters, 's3BucketOwner') AS bucket_owner,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND ((eventSource = 'rds.amazonaws.com' AND eventName = 'StartExportTask')
    OR (eventSource = 'dynamodb.amazonaws.com' AND eventName = 'ExportTableToPointInTime'))
  AND coalesce(element_at(requestParameters, 's3BucketName'), element_at(requestParameters, 's3Bucket'), 'unknown') NOT IN (:known_buckets)
ORDER BY event_time DESC, event_id
