SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.targetId'), json_extract_string(requestParameters, '$.accountId'),
    json_extract_string(requestParameters, '$.organizationalUnitId'), json_extract_string(requestParameters, '$.target.id'),
    json_extract_string(requestParameters, '$.handshakeId'), json_extract_string(requestParameters, '$.rootId'), json_extract_string(requestParameters, '$.parentId'),
    json_extract_string(serviceEventDetails, '$.createAccountStatus.accountId')) AS target,
  coalesce(json_extract_string(requestParameters, '$.policyId'),
    json_extract_string(responseElements, '$.policy.policySummary.id')) AS policy_id,
  coalesce(json_extract_string(requestParameters, '$.name'), json_extract_string(requestParameters, '$.servicePrincipal'),
    json_extract_string(requestParameters, '$.policyType'), json_extract_string(requestParameters, '$.type'),
    json_extract_string(requestParameters, '$.destinationParentId'),
    json_extract_string(serviceEventDetails, '$.createAccountStatus.state')) AS detail,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'organizations.amazonaws.com'
  AND eventName IN ('AcceptHandshake', 'AttachPolicy', 'CancelHandshake', 'CloseAccount', 'CreateAccount',
      'CreateAccountResult', 'CreateGovCloudAccount', 'CreateOrganization', 'CreateOrganizationalUnit', 'CreatePolicy', 'DeclineHandshake',
      'DeleteOrganization', 'DeleteOrganizationalUnit', 'DeletePolicy', 'DeleteResourcePolicy',
      'DeregisterDelegatedAdministrator', 'DetachPolicy', 'DisableAWSServiceAccess', 'DisablePolicyType',
      'EnableAWSServiceAccess', 'EnableAllFeatures', 'EnablePolicyType', 'InviteAccountToOrganization',
      'LeaveOrganization', 'MoveAccount', 'PutResourcePolicy', 'RegisterDelegatedAdministrator',
      'RemoveAccountFromOrganization', 'UpdateOrganizationalUnit', 'UpdatePolicy')
ORDER BY event_time DESC, event_id
