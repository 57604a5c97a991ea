-- name: organization-changes
-- title: Changes to the organization
-- description: Every change to the organization in AWS Organizations, what is added as well as what
--   is taken away: accounts that are made, invited, moved or leave; organizational units; policies
--   and what they are attached to; services and delegated administrators that are trusted. Which
--   account was made stands in CreateAccountResult, an event of the service that follows. Those
--   that remove a guard rail are listed apart in organization-guardrails-removed. Rows with an
--   error are attempts.
-- severity: medium
-- apis: AcceptHandshake, AttachPolicy, CancelHandshake, CloseAccount, CreateAccount,
--   CreateAccountResult, CreateGovCloudAccount, CreateOrganization, CreateOrganizationalUnit,
--   CreatePolicy, DeclineHandshake, DeleteOrganization, DeleteOrganizationalUnit, DeletePolicy,
--   DeleteResourcePolicy, DeregisterDelegatedAdministrator, DetachPolicy, DisableAWSServiceAccess,
--   DisablePolicyType, EnableAWSServiceAccess, EnableAllFeatures, EnablePolicyType,
--   InviteAccountToOrganization, LeaveOrganization, MoveAccount, PutResourcePolicy,
--   RegisterDelegatedAdministrator, RemoveAccountFromOrganization, UpdateOrganizationalUnit,
--   UpdatePolicy
-- false-positives: Account factories (Control Tower) make and move accounts all the time.
-- next: Compare with the platform team's change log. An invitation that nobody announced, or a
--   handshake that an account of yours accepts, joins it to somebody else's organization.
-- tags: organizations, changes, cis
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
  coalesce(element_at(requestParameters, 'targetId'), element_at(requestParameters, 'accountId'),
    element_at(requestParameters, 'organizationalUnitId'), json_extract_scalar(element_at(requestParameters, 'target'), '$.id'),
    element_at(requestParameters, 'handshakeId'), element_at(requestParameters, 'rootId'), element_at(requestParameters, 'parentId'),
    json_extract_scalar(element_at(serviceEventDetails, 'createAccountStatus'), '$.accountId')) AS target,
  coalesce(element_at(requestParameters, 'policyId'),
    json_extract_scalar(element_at(responseElements, 'policy'), '$.policySummary.id')) AS policy_id,
  coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'servicePrincipal'),
    element_at(requestParameters, 'policyType'), element_at(requestParameters, 'type'),
    element_at(requestParameters, 'destinationParentId'),
    json_extract_scalar(element_at(serviceEventDetails, 'createAccountStatus'), '$.state')) AS detail,
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
