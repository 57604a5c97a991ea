-- name: trail-changes
-- title: Trails made, changed, started, stopped
-- description: Trails of CloudTrail that are made, changed or deleted, and logging that is switched
--   on or off, the harmless half too: a trail that is started again tells when the hole in the logs
--   ends, and one that is made may send copies of everything to somebody else's bucket. What a
--   trail records is in trail-event-selectors-changed. Rows with an error are attempts.
-- severity: medium
-- apis: CreateTrail, UpdateTrail, DeleteTrail, StartLogging, StopLogging
-- false-positives: Infrastructure code that manages trails.
-- next: Whose is the bucket? A StopLogging and the StartLogging after it frame what is missing:
--   compare with delivery-by-day.
-- tags: logging, cloudtrail, changes, cis
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
  element_at(requestParameters, 'name') AS trail,
  element_at(requestParameters, 's3BucketName') AS bucket,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'cloudtrail.amazonaws.com'
  AND eventName IN ('CreateTrail', 'UpdateTrail', 'DeleteTrail', 'StartLogging', 'StopLogging')
ORDER BY event_time DESC, event_id
