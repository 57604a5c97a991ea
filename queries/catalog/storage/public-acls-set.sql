-- name: public-acls-set
-- title: Buckets and objects opened by ACL
-- description: Who gave everybody (AllUsers) or everybody with an AWS account (AuthenticatedUsers)
--   a right by an ACL: on a bucket, or on an object, when it was written or later. ACLs of objects
--   are only in the logs when data events are. Rows with an error are attempts.
-- severity: high
-- technique: T1530
-- apis: PutBucketAcl, PutObjectAcl, PutObject, CreateBucket, CopyObject, CreateMultipartUpload
-- false-positives: Public web sites of the old kind.
-- next: Take the ACL back and switch ACLs off for the bucket (aws s3api
--   put-bucket-ownership-controls); see who fetched what with objects-downloaded-in-bulk.
-- tags: storage, s3, exposure
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
  element_at(requestParameters, 'key') AS object_key,
  element_at(requestParameters, 'x-amz-acl') AS canned_acl,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutBucketAcl', 'PutObjectAcl', 'PutObject', 'CreateBucket', 'CopyObject', 'CreateMultipartUpload')
  AND (element_at(requestParameters, 'x-amz-acl') IN ('public-read', 'public-read-write', 'authenticated-read')
    OR strpos(element_at(requestParameters, 'AccessControlPolicy'), 'groups/global/AllUsers') > 0
    OR strpos(element_at(requestParameters, 'AccessControlPolicy'), 'groups/global/AuthenticatedUsers') > 0
    OR strpos(element_at(requestParameters, 'accessControlList'), 'groups/global/') > 0)
ORDER BY event_time DESC, event_id
