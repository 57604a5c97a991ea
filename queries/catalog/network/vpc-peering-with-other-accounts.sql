-- name: vpc-peering-with-other-accounts
-- title: Networks joined with those of other accounts
-- description: Peerings of a network with one of another account, requested or accepted. Machines
--   on the other side then reach yours by private addresses, past every gateway and most logs.
-- severity: high
-- technique: T1599
-- apis: CreateVpcPeeringConnection, AcceptVpcPeeringConnection
-- false-positives: Networks of your own organization: put their accounts into known_accounts.
-- next: Whose account is other_account? If nobody knows, delete the peering (aws ec2
--   delete-vpc-peering-connection).
-- tags: network, vpc, cross-account
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   known_accounts: strings = ''
--     Account ids whose networks may be joined, separated by commas.
WITH peering AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    element_at(responseElements, 'vpcPeeringConnection') AS connection,
    element_at(requestParameters, 'peerOwnerId') AS peer_owner
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ec2.amazonaws.com'
    AND eventName IN ('CreateVpcPeeringConnection', 'AcceptVpcPeeringConnection')
),
named AS (
  SELECT p.*,
    CASE WHEN json_extract_scalar(connection, '$.requesterVpcInfo.ownerId') <> recipientAccountId
      THEN json_extract_scalar(connection, '$.requesterVpcInfo.ownerId')
      ELSE coalesce(json_extract_scalar(connection, '$.accepterVpcInfo.ownerId'), peer_owner) END AS other_account
  FROM peering p
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  other_account,
  json_extract_scalar(connection, '$.vpcPeeringConnectionId') AS peering,
  errorCode AS error,
  eventID AS event_id
FROM named
WHERE other_account <> recipientAccountId AND other_account NOT IN (:known_accounts)
ORDER BY event_time DESC, event_id
