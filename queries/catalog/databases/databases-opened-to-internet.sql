-- name: databases-opened-to-internet
-- title: Databases made reachable from the Internet
-- description: Databases and warehouses (RDS, Aurora, Redshift) that were made, restored or
--   changed to be publicly accessible. They get an address that resolves outside of the VPC; the
--   security group is then all that protects them. Rows with an error are attempts.
-- severity: high
-- technique: T1190, T1530
-- apis: CreateDBInstance, ModifyDBInstance, RestoreDBInstanceFromDBSnapshot,
--   RestoreDBInstanceToPointInTime, CreateDBCluster, RestoreFromClusterSnapshot, CreateCluster,
--   ModifyCluster
-- false-positives: Demonstrations, and databases whose security group lets few addresses in.
-- next: Look at the security group; security-groups-opened-to-world tells whether it is open.
--   Set PubliclyAccessible to false.
-- tags: databases, rds, redshift, network
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
  coalesce(element_at(requestParameters, 'dBInstanceIdentifier'), element_at(requestParameters, 'dBClusterIdentifier'), element_at(requestParameters, 'clusterIdentifier')) AS database_name,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource IN ('rds.amazonaws.com', 'redshift.amazonaws.com')
  AND readOnly = false
  AND element_at(requestParameters, 'publiclyAccessible') = 'true'
ORDER BY event_time DESC, event_id
