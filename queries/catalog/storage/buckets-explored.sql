-- name: buckets-explored
-- title: Many buckets looked into
-- description: Principals that within an hour listed the objects of many buckets or asked how they
--   are protected: policy, ACL, public access, encryption, versions. It is how somebody looks for the
--   bucket that is worth it. Listing objects is a data event; without these the questions remain.
-- severity: medium
-- technique: T1619
-- apis: ListObjects, ListObjectVersions, GetBucketAcl, GetBucketPolicy, GetBucketPolicyStatus,
--   GetBucketPublicAccessBlock, GetBucketEncryption, GetBucketVersioning, GetBucketLocation
-- false-positives: The console, which asks for every bucket that it shows; inventory and compliance
--   tools. What AWS services ask for is left out.
-- next: What did it read afterwards? objects-downloaded-in-bulk, and principal-timeline.
-- tags: storage, s3, discovery, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_buckets: integer = 20
--     Buckets within an hour from which on a principal is listed.
SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT element_at(requestParameters, 'bucketName')) AS buckets,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failed,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('ListObjects', 'ListObjectVersions', 'GetBucketAcl', 'GetBucketPolicy', 'GetBucketPolicyStatus',
      'GetBucketPublicAccessBlock', 'GetBucketEncryption', 'GetBucketVersioning', 'GetBucketLocation')
  AND userIdentity.invokedBy IS NULL
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1, 2, 3, 4
HAVING count(DISTINCT element_at(requestParameters, 'bucketName')) >= :min_buckets
ORDER BY event_hour DESC, buckets DESC, principal, address, account
