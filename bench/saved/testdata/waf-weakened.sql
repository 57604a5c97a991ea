SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventSource AS event_source,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.name'), json_extract_string(requestParameters, '$.resourceArn'), json_extract_string(requestParameters, '$.webACLId'),
    json_extract_string(requestParameters, '$.webACLArn')) AS object_name,
  json_extract_string(requestParameters, '$.scope') AS scope,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource IN ('wafv2.amazonaws.com', 'waf.amazonaws.com', 'waf-regional.amazonaws.com')
  AND eventName IN ('DeleteWebACL', 'DisassociateWebACL', 'UpdateWebACL', 'DeleteRuleGroup', 'UpdateRuleGroup',
      'DeleteIPSet', 'UpdateIPSet', 'DeleteFirewallManagerRuleGroups', 'DeletePermissionPolicy')
ORDER BY event_time DESC, event_id
