-- name: bucket-encryption-changed
-- title: Encryption of buckets changed
-- description: Who changed or removed the encryption that a bucket gives to new objects, and the
--   key that it uses now. A key of another account means that its owner can make all that is
--   written from now on unreadable. Rows with an error are attempts.
-- severity: medium
-- technique: T1486
-- apis: PutBucketEncryption, DeleteBucketEncryption
-- false-positives: Moves from one key of yours to another.
-- next: Whose account is in the key's ARN? If not yours, set the encryption back and copy the new
--   objects.
-- tags: storage, s3, encryption, ransomware
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
  json_extract_scalar(element_at(requestParameters, 'ServerSideEncryptionConfiguration'), '$.Rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm') AS algorithm,
  json_extract_scalar(element_at(requestParameters, 'ServerSideEncryptionConfiguration'), '$.Rule.ApplyServerSideEncryptionByDefault.KMSMasterKeyID') AS key_id,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutBucketEncryption', 'DeleteBucketEncryption')
ORDER BY event_time DESC, event_id
