-- name: security-groups-opened-to-world
-- title: Security groups opened to the whole Internet
-- description: Rules that let the whole Internet in (0.0.0.0/0 or ::/0), one row for each: protocol
--   and ports. Protocol -1 is everything. Ports 22 and 3389, of databases and of everything are
--   found by scanners within minutes. Only calls that worked.
-- severity: high
-- technique: T1562.007
-- apis: AuthorizeSecurityGroupIngress, ModifySecurityGroupRules
-- false-positives: Ports 80 and 443 of load balancers: leave them out with except_ports.
-- next: Take the rule away (aws ec2 revoke-security-group-ingress), then see in the flow logs who
--   came.
-- tags: network, security-groups, ec2, cis
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   except_ports: strings = 80,443
--     Single ports that may be open, separated by commas.
WITH opened AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    coalesce(element_at(requestParameters, 'groupId'), element_at(requestParameters, 'groupName'),
      json_extract_scalar(element_at(requestParameters, 'ModifySecurityGroupRulesRequest'), '$.GroupId')) AS security_group,
    json_format(json_extract(element_at(requestParameters, 'ipPermissions'), '$.items')) AS permissions,
    element_at(requestParameters, 'cidrIp') AS flat_cidr,
    element_at(requestParameters, 'ipProtocol') AS flat_protocol,
    element_at(requestParameters, 'fromPort') AS flat_from,
    element_at(requestParameters, 'toPort') AS flat_to,
    element_at(requestParameters, 'ModifySecurityGroupRulesRequest') AS modified
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ec2.amazonaws.com'
    AND eventName IN ('AuthorizeSecurityGroupIngress', 'ModifySecurityGroupRules')
    AND errorCode IS NULL
    AND (strpos(element_at(requestParameters, 'ipPermissions'), '0.0.0.0/0') > 0
      OR strpos(element_at(requestParameters, 'ipPermissions'), '::/0') > 0
      OR strpos(element_at(requestParameters, 'ModifySecurityGroupRulesRequest'), '0.0.0.0/0') > 0
      OR strpos(element_at(requestParameters, 'ModifySecurityGroupRulesRequest'), '::/0') > 0
      OR element_at(requestParameters, 'cidrIp') IN ('0.0.0.0/0', '::/0'))
),
rules AS (
  SELECT o.eventTime, o.recipientAccountId, o.awsRegion, o.sourceIPAddress, o.eventName, o.eventID, o.actor, o.security_group,
    json_extract_scalar(p, '$.ipProtocol') AS protocol,
    json_extract_scalar(p, '$.fromPort') AS from_port,
    json_extract_scalar(p, '$.toPort') AS to_port
  FROM opened o
  CROSS JOIN UNNEST(TRY_CAST(json_parse(o.permissions) AS array(json))) AS u (p)
  WHERE strpos(json_format(p), '"0.0.0.0/0"') > 0 OR strpos(json_format(p), '"::/0"') > 0
  UNION ALL
  SELECT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, eventID, actor, security_group,
    flat_protocol, flat_from, flat_to
  FROM opened
  WHERE flat_cidr IN ('0.0.0.0/0', '::/0')
  UNION ALL
  SELECT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, eventID, actor, security_group,
    json_extract_scalar(modified, '$.SecurityGroupRule.SecurityGroupRule.IpProtocol'),
    json_extract_scalar(modified, '$.SecurityGroupRule.SecurityGroupRule.FromPort'),
    json_extract_scalar(modified, '$.SecurityGroupRule.SecurityGroupRule.ToPort')
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
