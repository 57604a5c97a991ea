-- name: waf-weakened
-- title: Web application firewall changed
-- description: Who changed or deleted web ACLs, groups of rules and lists of addresses of WAF, or
--   took an ACL off its load balancer, distribution or API. An address on a list that is let
--   through, or an ACL without its rules, opens the application. Rows with an error are attempts.
-- severity: medium
-- technique: T1562.007
-- apis: DeleteWebACL, DisassociateWebACL, UpdateWebACL, DeleteRuleGroup, UpdateRuleGroup,
--   DeleteIPSet, UpdateIPSet, DeleteFirewallManagerRuleGroups, DeletePermissionPolicy
-- false-positives: Lists of addresses that a program keeps up to date: they change all day, always
--   by the same role.
-- next: What does the ACL protect? Compare its rules with the infrastructure code and put them
--   back.
-- tags: network, waf, defense-evasion
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
  eventSource AS event_source,
  eventName AS event_name,
  coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'resourceArn'), element_at(requestParameters, 'webACLId'),
    element_at(requestParameters, 'webACLArn')) AS object_name,
  element_at(requestParameters, 'scope') AS scope,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource IN ('wafv2.amazonaws.com', 'waf.amazonaws.com', 'waf-regional.amazonaws.com')
  AND eventName IN ('DeleteWebACL', 'DisassociateWebACL', 'UpdateWebACL', 'DeleteRuleGroup', 'UpdateRuleGroup',
      'DeleteIPSet', 'UpdateIPSet', 'DeleteFirewallManagerRuleGroups', 'DeletePermissionPolicy')
ORDER BY event_time DESC, event_id
