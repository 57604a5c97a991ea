-- name: event-data-stores-weakened
-- title: Event data stores of CloudTrail Lake deleted or stopped
-- description: Who deleted an event data store, stopped its ingestion, took away its protection
--   against deletion, shortened its retention, or changed what it takes in. Rows with an error are
--   attempts.
-- severity: high
-- technique: T1562.008, T1070
-- apis: DeleteEventDataStore, StopEventDataStoreIngestion, UpdateEventDataStore
-- false-positives: Stores that are given up after a move to another lake.
-- next: Restore the store within seven days (aws cloudtrail restore-event-data-store) and start its
--   ingestion.
-- tags: logging, cloudtrail, defense-evasion
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
  element_at(requestParameters, 'eventDataStore') AS store,
  element_at(requestParameters, 'retentionPeriod') AS retention_days,
  element_at(requestParameters, 'terminationProtectionEnabled') AS protected,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'cloudtrail.amazonaws.com'
  AND (eventName IN ('DeleteEventDataStore', 'StopEventDataStoreIngestion')
    OR (eventName = 'UpdateEventDataStore'
      AND (element_at(requestParameters, 'terminationProtectionEnabled') = 'false'
        OR element_at(requestParameters, 'retentionPeriod') IS NOT NULL
        OR element_at(requestParameters, 'advancedEventSelectors') IS NOT NULL)))
ORDER BY event_time DESC, event_id
