WITH made AS (
  SELECT DISTINCT eventID, eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    coalesce(json_extract_string(requestParameters, '$.volumeId'), json_extract_string(requestParameters, '$.instanceId'),
      json_extract_string(requestParameters, '$.CreateSnapshotsRequest.InstanceSpecification.InstanceId'),
      json_extract_string(requestParameters, '$.dBInstanceIdentifier'), json_extract_string(requestParameters, '$.dBClusterIdentifier'),
      json_extract_string(requestParameters, '$.sourceSnapshotId'), json_extract_string(requestParameters, '$.sourceImageId'),
      json_extract_string(requestParameters, '$.sourceDBSnapshotIdentifier'), json_extract_string(requestParameters, '$.sourceDBClusterSnapshotIdentifier')) AS origin
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
