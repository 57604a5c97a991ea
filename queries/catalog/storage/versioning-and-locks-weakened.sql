-- name: versioning-and-locks-weakened
-- title: Versioning or object lock taken off
-- description: Who suspended a bucket's versioning, switched off MFA for deletions, changed its
--   object lock, or went past the lock of an object. Old versions and locks are what brings data
--   back after extortion, so they go first. Rows with an error are attempts.
-- severity: high
-- technique: T1490
-- apis: PutBucketVersioning, PutObjectLockConfiguration, PutBucketObjectLockConfiguration,
--   DeleteObject, PutObjectRetention
-- false-positives: Buckets for temporary files; cost savings that were agreed upon.
-- next: Switch versioning on again, then look for deletions: objects-deleted-in-bulk.
-- tags: storage, s3, impact, ransomware
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
  json_extract_scalar(element_at(requestParameters, 'VersioningConfiguration'), '$.Status') AS status,
  json_extract_scalar(element_at(requestParameters, 'VersioningConfiguration'), '$.MfaDelete') AS mfa_delete,
  element_at(requestParameters, 'key') AS object_key,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND ((eventName = 'PutBucketVersioning'
      AND (json_extract_scalar(element_at(requestParameters, 'VersioningConfiguration'), '$.Status') = 'Suspended'
        OR json_extract_scalar(element_at(requestParameters, 'VersioningConfiguration'), '$.MfaDelete') = 'Disabled'))
    OR eventName IN ('PutObjectLockConfiguration', 'PutBucketObjectLockConfiguration')
    OR (eventName IN ('DeleteObject', 'PutObjectRetention')
      AND element_at(requestParameters, 'x-amz-bypass-governance-retention') = 'true'))
ORDER BY event_time DESC, event_id
