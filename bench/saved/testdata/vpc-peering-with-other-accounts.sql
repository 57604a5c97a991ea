WITH peering AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    json_extract_string(responseElements, '$.vpcPeeringConnection') AS connection,
    json_extract_string(requestParameters, '$.peerOwnerId') AS peer_owner
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ec2.amazonaws.com'
    AND eventName IN ('CreateVpcPeeringConnection', 'AcceptVpcPeeringConnection')
),
named AS (
  SELECT p.*,
    CASE WHEN json_extract_string(connection, '$.requesterVpcInfo.ownerId') <> recipientAccountId
      THEN json_extract_string(connection, '$.requesterVpcInfo.ownerId')
      ELSE coalesce(json_extract_string(connection, '$.accepterVpcInfo.ownerId'), peer_owner) END AS other_account
  FROM peering p
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  other_account,
  json_extract_string(connection, '$.vpcPeeringConnectionId') AS peering,
  errorCode AS error,
  eventID AS event_id
FROM named
WHERE other_account <> recipientAccountId AND other_account NOT IN (:known_accounts)
ORDER BY event_time DESC, event_id
