SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.routeTableId'), json_extract_string(responseElements, '$.routeTable.routeTableId')) AS route_table,
  coalesce(json_extract_string(requestParameters, '$.destinationCidrBlock'), json_extract_string(requestParameters, '$.destinationIpv6CidrBlock'),
    json_extract_string(requestParameters, '$.destinationPrefixListId')) AS destination,
  coalesce(json_extract_string(requestParameters, '$.gatewayId'), json_extract_string(requestParameters, '$.natGatewayId'), json_extract_string(requestParameters, '$.networkInterfaceId'),
    json_extract_string(requestParameters, '$.vpcPeeringConnectionId'), json_extract_string(requestParameters, '$.transitGatewayId'), json_extract_string(requestParameters, '$.instanceId'),
    json_extract_string(requestParameters, '$.subnetId')) AS target,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('CreateRoute', 'ReplaceRoute', 'DeleteRoute', 'CreateRouteTable', 'DeleteRouteTable',
      'AssociateRouteTable', 'DisassociateRouteTable', 'ReplaceRouteTableAssociation')
ORDER BY event_time DESC, event_id
