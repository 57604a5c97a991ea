-- name: objects-deleted-in-bulk
-- title: Many objects deleted within an hour
-- description: Principals that deleted min_deletions or more objects of one bucket within one hour
--   of the clock; one call of DeleteObjects counts as many as CloudTrail wrote records for it.
--   Needs data events of S3 in the store. Deletions by lifecycle rules are not in CloudTrail: see
--   lifecycle-deletes-soon.
-- severity: high
-- technique: T1485
-- apis: DeleteObject, DeleteObjects
-- false-positives: Synchronisation of web sites, temporary files of jobs.
-- next: Stop the principal. Are there versions (versioning-and-locks-weakened)? Then the objects
--   can be brought back.
-- tags: storage, s3, impact, ransomware, data-events
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_deletions: integer = 100
--     Fewest deletions in an hour that are listed.
SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  element_at(requestParameters, 'bucketName') AS bucket,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT eventID) AS deletions,
  count(DISTINCT CASE WHEN element_at(requestParameters, 'versionId') IS NOT NULL THEN eventID END) AS of_versions,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('DeleteObject', 'DeleteObjects')
  AND errorCode IS NULL
GROUP BY 1, 2, 3, 4, 5
HAVING count(DISTINCT eventID) >= :min_deletions
ORDER BY event_hour DESC, deletions DESC, bucket, principal, account, region
