-- name: databases-deleted
-- title: Databases deleted
-- description: Databases, tables, warehouses and their backups that were deleted (RDS, DynamoDB,
--   Redshift, ElastiCache, DocumentDB and Neptune through RDS). last_snapshot tells whether a
--   copy was kept: no is how data is destroyed for good. Rows with an error are attempts.
-- severity: medium
-- technique: T1485, T1490
-- apis: DeleteDBInstance, DeleteDBCluster, DeleteDBSnapshot, DeleteDBClusterSnapshot,
--   DeleteDBInstanceAutomatedBackup, DeleteDBClusterAutomatedBackup, DeleteTable, DeleteBackup,
--   DeleteCluster, DeleteClusterSnapshot, DeleteCacheCluster, DeleteReplicationGroup
-- false-positives: Environments for tests that come and go.
-- next: Was it meant? Restore from a snapshot or a point in time; deleted automated backups
--   cannot be had back. Then look at what else the actor deleted: bulk-deletions.
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
  coalesce(element_at(requestParameters, 'dBInstanceIdentifier'), element_at(requestParameters, 'dBClusterIdentifier'), element_at(requestParameters, 'dBSnapshotIdentifier'),
    element_at(requestParameters, 'dBClusterSnapshotIdentifier'), element_at(requestParameters, 'tableName'), element_at(requestParameters, 'backupArn'), element_at(requestParameters, 'clusterIdentifier'),
    element_at(requestParameters, 'snapshotIdentifier'), element_at(requestParameters, 'cacheClusterId'), element_at(requestParameters, 'replicationGroupId')) AS database_name,
  CASE
    WHEN coalesce(element_at(requestParameters, 'skipFinalSnapshot'), element_at(requestParameters, 'skipFinalClusterSnapshot')) = 'true' THEN 'no'
    WHEN coalesce(element_at(requestParameters, 'finalDBSnapshotIdentifier'), element_at(requestParameters, 'finalSnapshotIdentifier'),
      element_at(requestParameters, 'finalClusterSnapshotIdentifier')) IS NOT NULL THEN 'yes'
  END AS last_snapshot,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource IN ('rds.amazonaws.com', 'dynamodb.amazonaws.com', 'redshift.amazonaws.com', 'elasticache.amazonaws.com')
  AND eventName IN ('DeleteDBInstance', 'DeleteDBCluster', 'DeleteDBSnapshot', 'DeleteDBClusterSnapshot',
    'DeleteDBInstanceAutomatedBackup', 'DeleteDBClusterAutomatedBackup', 'DeleteTable', 'DeleteBackup', 'DeleteCluster',
    'DeleteClusterSnapshot', 'DeleteCacheCluster', 'DeleteReplicationGroup')
ORDER BY event_time DESC, event_id
