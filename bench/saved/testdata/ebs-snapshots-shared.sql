SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  json_extract_string(requestParameters, '$.snapshotId') AS snapshot,
  json_extract(requestParameters, '$.createVolumePermission.add.items')::VARCHAR AS shared_with,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName = 'ModifySnapshotAttribute'
  AND json_extract(requestParameters, '$.createVolumePermission.add') IS NOT NULL
ORDER BY event_time DESC, event_id
