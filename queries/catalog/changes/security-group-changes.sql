-- name: security-group-changes
-- title: Changes to security groups
-- description: Rules added to, taken from or changed in security groups, newest first.
--   open_to_world is yes when a rule for the whole internet (0.0.0.0/0 or ::/0) was added or
--   changed. A door opened to the world for a database, SSH or RDP port is found by scanners within
--   minutes.
-- severity: medium
-- technique: T1562.007
-- apis: AuthorizeSecurityGroupIngress, AuthorizeSecurityGroupEgress, RevokeSecurityGroupIngress,
--   RevokeSecurityGroupEgress, ModifySecurityGroupRules, CreateSecurityGroup, DeleteSecurityGroup
-- false-positives: Load balancers and public web servers are meant to be open on 80 and 443.
--   Egress to the world is the default of a new group.
-- next: For an open door: which port (see the event), which machines are in the group, and take it
--   back with revoke-security-group-ingress. Then find out whether anybody came in: flow logs.
-- tags: changes, network, ec2, cis
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   limit: integer = 1000
--     Rows at most, newest first.
WITH changed AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    coalesce(element_at(requestParameters, 'groupId'), element_at(responseElements, 'groupId'),
      json_extract_scalar(eventJson, '$.requestParameters.ModifySecurityGroupRulesRequest.GroupId')) AS security_group,
    json_format(json_extract(eventJson, '$.requestParameters')) AS request
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ec2.amazonaws.com'
    AND eventName IN ('AuthorizeSecurityGroupIngress', 'AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupIngress',
      'RevokeSecurityGroupEgress', 'ModifySecurityGroupRules', 'CreateSecurityGroup', 'DeleteSecurityGroup')
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  eventName AS event_name,
  security_group,
  CASE WHEN eventName IN ('AuthorizeSecurityGroupIngress', 'AuthorizeSecurityGroupEgress', 'ModifySecurityGroupRules')
      AND (request LIKE '%"0.0.0.0/0"%' OR request LIKE '%"::/0"%')
    THEN 'yes' ELSE 'no' END AS open_to_world,
  sourceIPAddress AS address,
  errorCode AS error,
  eventID AS event_id
FROM changed
ORDER BY event_time DESC, event_id
LIMIT :limit
