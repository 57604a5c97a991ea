SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(json_extract_string(requestParameters, '$.snapshotId'), json_extract_string(requestParameters, '$.secondSnapshotId')) AS snapshot,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT CASE WHEN eventName = 'GetSnapshotBlock' AND errorCode IS NULL THEN eventID END) AS blocks,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failures,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ebs.amazonaws.com'
  AND eventName IN ('ListSnapshotBlocks', 'ListChangedBlocks', 'GetSnapshotBlock')
GROUP BY 1, 2, 3, 4
ORDER BY last_seen DESC, snapshot, principal, account, region
