SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.targetId'), json_extract_string(requestParameters, '$.accountId'), json_extract_string(requestParameters, '$.rootId'),
    json_extract_string(requestParameters, '$.servicePrincipal')) AS target,
  json_extract_string(requestParameters, '$.policyId') AS policy_id,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'organizations.amazonaws.com'
  AND eventName IN ('LeaveOrganization', 'RemoveAccountFromOrganization', 'DetachPolicy', 'DeletePolicy',
      'UpdatePolicy', 'DisablePolicyType', 'DeregisterDelegatedAdministrator', 'DisableAWSServiceAccess',
      'DeleteOrganization', 'MoveAccount')
ORDER BY event_time DESC, event_id
