-- name: s3-bucket-policy-changes
-- title: Changes to who may read a bucket
-- description: Changes to bucket policies, ACLs, public access blocks, website hosting and
--   replication, newest first. maybe_public is yes when the request names everybody (Principal *,
--   the group AllUsers) or takes a public access block away. A bucket that anybody may read is the
--   classic leak; replication to a bucket elsewhere is the quiet one.
-- severity: high
-- technique: T1530, T1537
-- apis: PutBucketPolicy, DeleteBucketPolicy, PutBucketAcl, PutBucketPublicAccessBlock,
--   DeleteBucketPublicAccessBlock, PutAccountPublicAccessBlock, DeleteAccountPublicAccessBlock,
--   PutBucketWebsite, PutBucketCors, DeleteBucketCors, PutBucketReplication,
--   PutBucketOwnershipControls
-- false-positives: Policies with Principal * and a condition (an organization, a VPC endpoint,
--   CloudFront) are not public. Buckets for websites are meant to be.
-- next: Look at the bucket as it is now (aws s3api get-bucket-policy-status). If it is public and
--   should not be, put the public access block back, then look for reads in its data events or
--   access logs.
-- tags: changes, s3, exposure, cis
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   limit: integer = 1000
--     Rows at most, newest first.
WITH changed AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    element_at(requestParameters, 'bucketName') AS bucket,
    json_format(json_extract(eventJson, '$.requestParameters')) AS request
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
