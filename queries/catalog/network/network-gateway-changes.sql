-- name: network-gateway-changes
-- title: Changes to network gateways
-- description: Who made, attached or deleted the gateways by which a network reaches the outside:
--   internet, NAT and customer gateways, attachments of transit gateways. An internet gateway on a
--   network that had none is a new door. Rows with an error are attempts.
-- severity: medium
-- technique: T1562.007
-- apis: CreateInternetGateway, AttachInternetGateway, DetachInternetGateway, DeleteInternetGateway,
--   CreateCustomerGateway, DeleteCustomerGateway, CreateNatGateway, DeleteNatGateway,
--   CreateEgressOnlyInternetGateway, CreateTransitGatewayVpcAttachment,
--   AcceptTransitGatewayVpcAttachment
-- false-positives: New networks by infrastructure code.
-- next: Was the network meant to have a way out? See route-table-changes for the route to it.
-- tags: network, vpc, gateways, cis
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
  coalesce(element_at(requestParameters, 'internetGatewayId'), json_extract_scalar(element_at(responseElements, 'internetGateway'), '$.internetGatewayId'),
    element_at(requestParameters, 'customerGatewayId'),
    json_extract_scalar(element_at(responseElements, 'CreateNatGatewayResponse'), '$.natGateway.natGatewayId')) AS gateway,
  element_at(requestParameters, 'vpcId') AS vpc,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('CreateInternetGateway', 'AttachInternetGateway', 'DetachInternetGateway', 'DeleteInternetGateway',
      'CreateCustomerGateway', 'DeleteCustomerGateway', 'CreateNatGateway', 'DeleteNatGateway',
      'CreateEgressOnlyInternetGateway', 'CreateTransitGatewayVpcAttachment',
      'AcceptTransitGatewayVpcAttachment')
ORDER BY event_time DESC, event_id
