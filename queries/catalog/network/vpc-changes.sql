-- name: vpc-changes
-- title: Changes to VPCs
-- description: Who made, deleted or joined virtual networks. Networks come with projects; one in a
--   region or an account that has none is where miners live. Rows with an error are attempts.
-- severity: low
-- apis: CreateVpc, DeleteVpc, ModifyVpcAttribute, CreateVpcPeeringConnection,
--   AcceptVpcPeeringConnection, DeleteVpcPeeringConnection, RejectVpcPeeringConnection,
--   AttachClassicLinkVpc, DetachClassicLinkVpc, EnableVpcClassicLink, DisableVpcClassicLink
-- false-positives: Infrastructure code.
-- next: Compare with the change log; peerings with other accounts have a query of their own
--   (vpc-peering-with-other-accounts).
-- tags: network, vpc, cis
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
  coalesce(element_at(requestParameters, 'vpcId'), json_extract_scalar(element_at(responseElements, 'vpc'), '$.vpcId')) AS vpc,
  element_at(requestParameters, 'cidrBlock') AS cidr,
  coalesce(element_at(requestParameters, 'vpcPeeringConnectionId'),
    json_extract_scalar(element_at(responseElements, 'vpcPeeringConnection'), '$.vpcPeeringConnectionId')) AS peering,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('CreateVpc', 'DeleteVpc', 'ModifyVpcAttribute', 'CreateVpcPeeringConnection',
      'AcceptVpcPeeringConnection', 'DeleteVpcPeeringConnection', 'RejectVpcPeeringConnection',
      'AttachClassicLinkVpc', 'DetachClassicLinkVpc', 'EnableVpcClassicLink', 'DisableVpcClassicLink')
ORDER BY event_time DESC, event_id
