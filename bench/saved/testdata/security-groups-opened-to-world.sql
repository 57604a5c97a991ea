WITH opened AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    coalesce(json_extract_string(requestParameters, '$.groupId'), json_extract_string(requestParameters, '$.groupName'),
      json_extract_string(requestParameters, '$.ModifySecurityGroupRulesRequest.GroupId')) AS security_group,
    from_json(json_extract(requestParameters, '$.ipPermissions.items'), '["JSON"]') AS permissions,
    json_extract_string(requestParameters, '$.cidrIp') AS flat_cidr,
    json_extract_string(requestParameters, '$.ipProtocol') AS flat_protocol,
    json_extract_string(requestParameters, '$.fromPort') AS flat_from,
    json_extract_string(requestParameters, '$.toPort') AS flat_to,
    json_extract_string(requestParameters, '$.ModifySecurityGroupRulesRequest') AS modified
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ec2.amazonaws.com'
    AND eventName IN ('AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules')
    AND errorCode IS NULL
    AND (strpos(requestParameters, '0.0.0.0/0') > 0 OR strpos(requestParameters, '::/0') > 0)
),
rules AS (
  SELECT o.eventTime, o.recipientAccountId, o.awsRegion, o.sourceIPAddress, o.eventName, o.eventID, o.actor, o.security_group,
    json_extract_string(p, '$.ipProtocol') AS protocol,
    json_extract_string(p, '$.fromPort') AS from_port,
    json_extract_string(p, '$.toPort') AS to_port
  FROM opened o
  CROSS JOIN unnest(o.permissions) AS u (p)
  WHERE strpos(p::VARCHAR, '"0.0.0.0/0"') > 0 OR strpos(p::VARCHAR, '"::/0"') > 0
  UNION ALL
  SELECT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, eventID, actor, security_group,
    flat_protocol, flat_from, flat_to
  FROM opened
  WHERE flat_cidr IN ('0.0.0.0/0', '::/0')
  UNION ALL
  SELECT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, eventID, actor, security_group,
    json_extract_string(modified, '$.SecurityGroupRule.SecurityGroupRule.IpProtocol'),
    json_extract_string(modified, '$.SecurityGroupRule.SecurityGroupRule.FromPort'),
    json_extract_string(modified, '$.SecurityGroupRule.SecurityGroupRule.ToPort')
  FROM opened
  WHERE modified IS NOT NULL
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  security_group,
  protocol,
  from_port,
  to_port,
  eventID AS event_id
FROM rules
WHERE NOT (from_port IS NOT NULL AND from_port = to_port AND from_port IN (:except_ports))
ORDER BY event_time DESC, event_id, from_port, protocol
