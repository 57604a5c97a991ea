-- name: database-protection-removed
-- title: Databases left without backup or protection
-- description: Who switched off the protection against deletion, the automated backups
--   (retention of 0 days) or the recovery to a point in time of a database, table or warehouse:
--   the step before data is destroyed. Rows with an error are attempts.
-- severity: high
-- technique: T1490
-- apis: ModifyDBInstance, ModifyDBCluster, UpdateTable, UpdateContinuousBackups, ModifyCluster
-- false-positives: A deletion that is planned begins so too.
-- next: Ask the actor. Switch the protection on again, then look for databases-deleted.
-- tags: databases, rds, dynamodb, redshift, impact
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
  coalesce(element_at(requestParameters, 'dBInstanceIdentifier'), element_at(requestParameters, 'dBClusterIdentifier'), element_at(requestParameters, 'tableName'), element_at(requestParameters, 'clusterIdentifier')) AS database_name,
  CASE
    WHEN element_at(requestParameters, 'deletionProtection') = 'false' OR element_at(requestParameters, 'deletionProtectionEnabled') = 'false' THEN 'protection against deletion'
    WHEN element_at(requestParameters, 'backupRetentionPeriod') = '0' OR element_at(requestParameters, 'automatedSnapshotRetentionPeriod') = '0' THEN 'automated backups'
    ELSE 'recovery to a point in time'
  END AS switched_off,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource IN ('rds.amazonaws.com', 'dynamodb.amazonaws.com', 'redshift.amazonaws.com')
  AND eventName IN ('ModifyDBInstance', 'ModifyDBCluster', 'UpdateTable', 'UpdateContinuousBackups', 'ModifyCluster')
  AND (element_at(requestParameters, 'deletionProtection') = 'false'
    OR element_at(requestParameters, 'deletionProtectionEnabled') = 'false'
    OR element_at(requestParameters, 'backupRetentionPeriod') = '0'
    OR element_at(requestParameters, 'automatedSnapshotRetentionPeriod') = '0'
    OR json_extract_scalar(element_at(requestParameters, 'pointInTimeRecoverySpecification'), '$.pointInTimeRecoveryEnabled') = 'false')
ORDER BY event_time DESC, event_id
