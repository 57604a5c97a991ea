-- name: network-acl-changes
-- title: Changes to network ACLs
-- description: Who changed the access lists of subnets, and how: rule, direction, allow or deny,
--   network. They are set once and rarely touched; a new rule that allows everything opens a subnet
--   whose security groups were trusted to be the second line only. Rows with an error are attempts.
-- severity: medium
-- technique: T1562.007
-- apis: CreateNetworkAcl, CreateNetworkAclEntry, DeleteNetworkAcl, DeleteNetworkAclEntry,
--   ReplaceNetworkAclEntry, ReplaceNetworkAclAssociation
-- false-positives: Infrastructure code; the console, which makes a list for each new VPC.
-- next: Compare with the infrastructure code; see with resource-timeline what else happened to the
--   list.
-- tags: network, vpc, nacl, cis
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
  element_at(requestParameters, 'networkAclId') AS network_acl,
  element_at(requestParameters, 'ruleNumber') AS rule_number,
  element_at(requestParameters, 'egress') AS egress,
  element_at(requestParameters, 'ruleAction') AS rule_action,
  coalesce(element_at(requestParameters, 'cidrBlock'), element_at(requestParameters, 'ipv6CidrBlock')) AS cidr,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('CreateNetworkAcl', 'CreateNetworkAclEntry', 'DeleteNetworkAcl', 'DeleteNetworkAclEntry',
      'ReplaceNetworkAclEntry', 'ReplaceNetworkAclAssociation')
ORDER BY event_time DESC, event_id
