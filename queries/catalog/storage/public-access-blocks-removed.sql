-- name: public-access-blocks-removed
-- title: Blocks on public access to S3 removed
-- description: Who removed the block on public access from a bucket or from the whole account, or
--   switched a part of it off. It is the safety catch: with it no policy and no ACL can open a
--   bucket to the world. Rows with an error are attempts.
-- severity: high
-- technique: T1562.007, T1530
-- apis: DeleteBucketPublicAccessBlock, PutBucketPublicAccessBlock, DeleteAccountPublicAccessBlock,
--   PutAccountPublicAccessBlock
-- false-positives: Buckets of public web sites.
-- next: Put the block back (aws s3api put-public-access-block), then look with
--   s3-bucket-policy-changes for what was opened meanwhile.
-- tags: storage, s3, exposure, cis
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
  coalesce(element_at(requestParameters, 'bucketName'), 'whole account') AS bucket,
  element_at(requestParameters, 'PublicAccessBlockConfiguration') AS block,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND (eventName IN ('DeleteBucketPublicAccessBlock', 'DeleteAccountPublicAccessBlock')
    OR (eventName IN ('PutBucketPublicAccessBlock', 'PutAccountPublicAccessBlock')
      AND strpos(element_at(requestParameters, 'PublicAccessBlockConfiguration'), 'false') > 0))
ORDER BY event_time DESC, event_id
