-- name: sse-c-used
-- title: Objects encrypted with a key of the caller
-- description: Who wrote objects to S3 under a key that the caller brought along (SSE-C), by
--   bucket. AWS keeps no copy of such a key: since 2025 extortionists copy objects onto themselves
--   in this way. Hardly anything else uses it. Needs data events of S3 in the store.
-- severity: critical
-- technique: T1486
-- apis: PutObject, CopyObject, CreateMultipartUpload
-- false-positives: Old backup software that brings its own keys.
-- next: Stop the principal now. Switch SSE-C off for the bucket, and see whether versions or
--   backups are left.
-- tags: storage, s3, impact, ransomware, data-events
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT recipientAccountId AS account,
  awsRegion AS region,
  element_at(requestParameters, 'bucketName') AS bucket,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT CASE WHEN errorCode IS NULL THEN eventID END) AS objects,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS attempts,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutObject', 'CopyObject', 'CreateMultipartUpload')
  AND (element_at(requestParameters, 'x-amz-server-side-encryption-customer-algorithm') IS NOT NULL
    OR element_at(additionalEventData, 'SSEApplied') = 'SSE_C')
GROUP BY 1, 2, 3, 4
ORDER BY objects DESC, attempts DESC, bucket, principal, account, region
