SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.internetGatewayId'), json_extract_string(responseElements, '$.internetGateway.internetGatewayId'),
    json_extract_string(requestParameters, '$.customerGatewayId'),
    json_extract_string(responseElements, '$.CreateNatGatewayResponse.natGateway.natGatewayId')) AS gateway,
  json_extract_string(requestParameters, '$.vpcId') AS vpc,
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
