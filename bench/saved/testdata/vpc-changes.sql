SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.vpcId'), json_extract_string(responseElements, '$.vpc.vpcId')) AS vpc,
  json_extract_string(requestParameters, '$.cidrBlock') AS cidr,
  coalesce(json_extract_string(requestParameters, '$.vpcPeeringConnectionId'),
    json_extract_string(responseElements, '$.vpcPeeringConnection.vpcPeeringConnectionId')) AS peering,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('CreateVpc', 'DeleteVpc', 'ModifyVpcAttribute', 'CreateVpcPeeringConnection',
      'AcceptVpcPeeringConnection', 'DeleteVpcPeeringConnection', 'RejectVpcPeeringConnection',
      'AttachClassicLinkVpc', 'DetachClassicLinkVpc', 'EnableVpcClassicLink', 'DisableVpcClassicLink')
ORDER BY event_time DESC, event_id
