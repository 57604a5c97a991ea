-- name: rds-snapshots-shared
-- title: Snapshots of databases shared
-- description: Who let another account, or everybody (all), restore a snapshot of a database or a
--   cluster. Rows with an error are attempts.
-- severity: high
-- technique: T1537
-- apis: ModifyDBSnapshotAttribute, ModifyDBClusterSnapshotAttribute
-- false-positives: Back-ups to an account of your own.
-- next: Take the permission away (aws rds modify-db-snapshot-attribute --values-to-remove). Treat
--   the data as copied.
-- tags: storage, rds, exfiltration
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
  coalesce(element_at(requestParameters, 'dBSnapshotIdentifier'), element_at(requestParameters, 'dBClusterSnapshotIdentifier')) AS snapshot,
  element_at(requestParameters, 'valuesToAdd') AS shared_with,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'rds.amazonaws.com'
  AND eventName IN ('ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute')
  AND element_at(requestParameters, 'attributeName') = 'restore'
  AND element_at(requestParameters, 'valuesToAdd') <> '[]'
ORDER BY event_time DESC, event_id
