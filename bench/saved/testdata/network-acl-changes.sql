SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.networkAclId') AS network_acl,
  json_extract_string(requestParameters, '$.ruleNumber') AS rule_number,
  json_extract_string(requestParameters, '$.egress') AS egress,
  json_extract_string(requestParameters, '$.ruleAction') AS rule_action,
  coalesce(json_extract_string(requestParameters, '$.cidrBlock'), json_extract_string(requestParameters, '$.ipv6CidrBlock')) AS cidr,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('CreateNetworkAcl', 'CreateNetworkAclEntry', 'DeleteNetworkAcl', 'DeleteNetworkAclEntry',
      'ReplaceNetworkAclEntry', 'ReplaceNetworkAclAssociation')
ORDER BY event_time DESC, event_id
