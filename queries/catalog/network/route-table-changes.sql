-- name: route-table-changes
-- title: Changes to route tables
-- description: Who changed where packets go: routes made, replaced, deleted, tables made, given to
--   subnets or taken away. A route through a machine or a peering connection of somebody else lets
--   them read and change the traffic. Rows with an error are attempts.
-- severity: medium
-- technique: T1562.007
-- apis: CreateRoute, ReplaceRoute, DeleteRoute, CreateRouteTable, DeleteRouteTable,
--   AssociateRouteTable, DisassociateRouteTable, ReplaceRouteTableAssociation
-- false-positives: New networks by infrastructure code; clusters and VPN software that keep routes.
-- next: Where does the route lead (target)? If it is a network interface or a peering connection,
--   whose is it?
-- tags: network, vpc, routes, cis
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
  coalesce(element_at(requestParameters, 'routeTableId'), json_extract_scalar(element_at(responseElements, 'routeTable'), '$.routeTableId')) AS route_table,
  coalesce(element_at(requestParameters, 'destinationCidrBlock'), element_at(requestParameters, 'destinationIpv6CidrBlock'),
    element_at(requestParameters, 'destinationPrefixListId')) AS destination,
  coalesce(element_at(requestParameters, 'gatewayId'), element_at(requestParameters, 'natGatewayId'), element_at(requestParameters, 'networkInterfaceId'),
    element_at(requestParameters, 'vpcPeeringConnectionId'), element_at(requestParameters, 'transitGatewayId'), element_at(requestParameters, 'instanceId'),
    element_at(requestParameters, 'subnetId')) AS target,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('CreateRoute', 'ReplaceRoute', 'DeleteRoute', 'CreateRouteTable', 'DeleteRouteTable',
      'AssociateRouteTable', 'DisassociateRouteTable', 'ReplaceRouteTableAssociation')
ORDER BY event_time DESC, event_id
