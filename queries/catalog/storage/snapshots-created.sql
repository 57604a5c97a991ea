-- name: snapshots-created
-- title: Snapshots and images made
-- description: Who copied whole disks and databases into snapshots and images, by principal and
--   call. A snapshot is the data without the machine's protection: it can be shared with another
--   account, or attached to a machine of the intruder's. Backups make most of them, so that those
--   who made the fewest come first. refused counts calls that failed; dry runs are left out.
-- severity: low
-- technique: T1578.001
-- apis: CreateSnapshot, CreateSnapshots, CopySnapshot, CreateImage, CopyImage, CreateDBSnapshot,
--   CreateDBClusterSnapshot, CopyDBSnapshot, CopyDBClusterSnapshot
-- false-positives: Backup roles and AWS Backup, which make them by the thousand.
-- next: Look for people and for roles that are no backup. Were they shared? ebs-snapshots-shared,
--   rds-snapshots-shared, images-shared.
-- tags: storage, ec2, rds, collection
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH made AS (
  SELECT DISTINCT eventID, eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    coalesce(element_at(requestParameters, 'volumeId'), element_at(requestParameters, 'instanceId'),
      json_extract_scalar(element_at(requestParameters, 'CreateSnapshotsRequest'), '$.InstanceSpecification.InstanceId'),
      element_at(requestParameters, 'dBInstanceIdentifier'), element_at(requestParameters, 'dBClusterIdentifier'),
      element_at(requestParameters, 'sourceSnapshotId'), element_at(requestParameters, 'sourceImageId'),
      element_at(requestParameters, 'sourceDBSnapshotIdentifier'), element_at(requestParameters, 'sourceDBClusterSnapshotIdentifier')) AS origin
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource IN ('ec2.amazonaws.com', 'rds.amazonaws.com')
    AND eventName IN ('CreateSnapshot', 'CreateSnapshots', 'CopySnapshot', 'CreateImage', 'CopyImage', 'CreateDBSnapshot',
      'CreateDBClusterSnapshot', 'CopyDBSnapshot', 'CopyDBClusterSnapshot')
    AND errorCode IS DISTINCT FROM 'Client.DryRunOperation'
)
SELECT recipientAccountId AS account,
  awsRegion AS region,
  principal,
  eventName AS event_name,
  count(*) AS calls,
  count(errorCode) AS refused,
  count(DISTINCT origin) AS origins,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM made
GROUP BY recipientAccountId, awsRegion, principal, eventName
ORDER BY calls, last_seen DESC, principal, event_name, account, region
