SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.dBInstanceIdentifier'), json_extract_string(requestParameters, '$.dBClusterIdentifier'), json_extract_string(requestParameters, '$.dBSnapshotIdentifier'),
    json_extract_string(requestParameters, '$.dBClusterSnapshotIdentifier'), json_extract_string(requestParameters, '$.tableName'), json_extract_string(requestParameters, '$.backupArn'), json_extract_string(requestParameters, '$.clusterIdentifier'),
    json_extract_string(requestParameters, '$.snapshotIdentifier'), json_extract_string(requestParameters, '$.cacheClusterId'), json_extract_string(requestParameters, '$.replicationGroupId')) AS database_name,
  CASE
    WHEN coalesce(json_extract_string(requestParameters, '$.skipFinalSnapshot'), json_extract_string(requestParameters, '$.skipFinalClusterSnapshot')) = 'true' THEN 'no'
    WHEN coalesce(json_extract_string(requestParameters, '$.finalDBSnapshotIdentifier'), json_extract_string(requestParameters, '$.finalSnapshotIdentifier'),
      json_extract_string(requestParameters, '$.finalClusterSnapshotIdentifier')) IS NOT NULL THEN 'yes'
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
