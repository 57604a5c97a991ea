-- name: trails-weakened
-- title: Trails that record less, or somewhere else
-- description: Changes of a trail that take something away: no longer all regions, no global
--   services, no validation of log files, no organization, another bucket, another key. weakened
--   says what. Such a call looks like maintenance. Rows with an error are attempts.
-- severity: high
-- technique: T1562.008
-- apis: UpdateTrail
-- false-positives: Moves of the log archive that were announced.
-- next: Set it back (aws cloudtrail update-trail). For another bucket: whose is it? Look for holes
--   with delivery-by-day.
-- tags: logging, cloudtrail, defense-evasion, cis
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
  element_at(requestParameters, 'name') AS trail,
  concat_ws(', ',
    CASE WHEN element_at(requestParameters, 'isMultiRegionTrail') = 'false' THEN 'one region only' END,
    CASE WHEN element_at(requestParameters, 'includeGlobalServiceEvents') = 'false' THEN 'no global services' END,
    CASE WHEN element_at(requestParameters, 'enableLogFileValidation') = 'false' THEN 'no validation' END,
    CASE WHEN element_at(requestParameters, 'isOrganizationTrail') = 'false' THEN 'no organization' END,
    CASE WHEN element_at(requestParameters, 's3BucketName') IS NOT NULL THEN 'bucket ' || element_at(requestParameters, 's3BucketName') END,
    CASE WHEN element_at(requestParameters, 'kmsKeyId') IS NOT NULL THEN 'key ' || element_at(requestParameters, 'kmsKeyId') END) AS weakened,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'cloudtrail.amazonaws.com'
  AND eventName = 'UpdateTrail'
  AND (element_at(requestParameters, 'isMultiRegionTrail') = 'false'
    OR element_at(requestParameters, 'includeGlobalServiceEvents') = 'false'
    OR element_at(requestParameters, 'enableLogFileValidation') = 'false'
    OR element_at(requestParameters, 'isOrganizationTrail') = 'false'
    OR element_at(requestParameters, 's3BucketName') IS NOT NULL
    OR element_at(requestParameters, 'kmsKeyId') IS NOT NULL)
ORDER BY event_time DESC, event_id
