SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.dBInstanceIdentifier'), json_extract_string(requestParameters, '$.dBClusterIdentifier'), json_extract_string(requestParameters, '$.tableName'), json_extract_string(requestParameters, '$.clusterIdentifier')) AS database_name,
  CASE
    WHEN json_extract_string(requestParameters, '$.deletionProtection') = 'false' OR json_extract_string(requestParameters, '$.deletionProtectionEnabled') = 'false' THEN 'protection against deletion'
    WHEN json_extract_string(requestParameters, '$.backupRetentionPeriod') = '0' OR json_extract_string(requestParameters, '$.automatedSnapshotRetentionPeriod') = '0' THEN 'automated backups'
    ELSE 'recovery to a point in time'
  END AS switched_off,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource IN ('rds.amazonaws.com', 'dynamodb.amazonaws.com', 'redshift.amazonaws.com')
  AND eventName IN ('ModifyDBInstance', 'ModifyDBCluster', 'UpdateTable', 'UpdateContinuousBackups', 'ModifyCluster')
  AND (json_extract_string(requestParameters, '$.deletionProtection') = 'false'
    OR json_extract_string(requestParameters, '$.deletionProtectionEnabled') = 'false'
    OR json_extract_string(requestParameters, '$.backupRetentionPeriod') = '0'
    OR json_extract_string(requestParameters, '$.automatedSnapshotRetentionPeriod') = '0'
    OR json_extract_string(requestParameters, '$.pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled') = 'false')
ORDER BY event_time DESC, event_id
