-- name: ebs-snapshots-shared
-- title: Snapshots of disks shared
-- description: Who let another account, or everybody (group all), make disks of a snapshot. The
--   whole disk of a server leaves without a byte on your network. Rows with an error are attempts.
-- severity: high
-- technique: T1537
-- apis: ModifySnapshotAttribute
-- false-positives: Back-ups to an account of your own.
-- next: Take the permission away (aws ec2 reset-snapshot-attribute). Was a disk made of it? The
--   SharedSnapshotVolumeCreated event in your log says so.
-- tags: storage, ebs, ec2, exfiltration
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
  element_at(requestParameters, 'snapshotId') AS snapshot,
  json_format(json_extract(element_at(requestParameters, 'createVolumePermission'), '$.add.items')) AS shared_with,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName = 'ModifySnapshotAttribute'
  AND json_extract(element_at(requestParameters, 'createVolumePermission'), '$.add') IS NOT NULL
ORDER BY event_time DESC, event_id
