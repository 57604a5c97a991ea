-- name: ebs-snapshots-read-directly
-- title: Snapshots of disks read block by block
-- description: Principals that read the blocks of snapshots through the EBS direct API: a disk is
--   copied without sharing it and without starting a machine. Needs data events of EBS in the store
--   for the blocks; the lists of blocks are there as well.
-- severity: high
-- technique: T1530, T1537
-- apis: ListSnapshotBlocks, ListChangedBlocks, GetSnapshotBlock
-- false-positives: Back-up products and scanners for weaknesses that work without agents.
-- next: Is it one of your products? If not, disable the principal: the disk's content is known.
-- tags: storage, ebs, exfiltration, data-events
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(element_at(requestParameters, 'snapshotId'), element_at(requestParameters, 'secondSnapshotId')) AS snapshot,
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
