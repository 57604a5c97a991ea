SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.dBSnapshotIdentifier'), json_extract_string(requestParameters, '$.dBClusterSnapshotIdentifier')) AS snapshot,
  json_extract_string(requestParameters, '$.valuesToAdd') AS shared_with,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'rds.amazonaws.com'
  AND eventName IN ('ModifyDBSnapshotAttribute', 'ModifyDBClusterSnapshotAttribute')
  AND json_extract_string(requestParameters, '$.attributeName') = 'restore'
  AND json_extract_string(requestParameters, '$.valuesToAdd') <> '[]'
ORDER BY event_time DESC, event_id
