-- name: organization-guardrails-removed
-- title: Guard rails of the organization removed
-- description: Calls that take an account out of the organization, or its policies off: leaving,
--   removing, moving; service control policies detached, changed, deleted; services and delegated
--   administrators (GuardDuty, Security Hub, CloudTrail) cut off. An account that has left obeys no
--   service control policy and is seen by nobody. Rows with an error are attempts.
-- severity: critical
-- technique: T1666, T1562.001
-- apis: LeaveOrganization, RemoveAccountFromOrganization, DetachPolicy, DeletePolicy, UpdatePolicy,
--   DisablePolicyType, DeregisterDelegatedAdministrator, DisableAWSServiceAccess,
--   DeleteOrganization, MoveAccount
-- false-positives: Accounts that are closed or reorganized by the platform team.
-- next: An attempt by anybody but the platform team is an incident: read principal-timeline. Deny
--   organizations:LeaveOrganization by policy.
-- tags: organizations, defense-evasion, cis
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
  coalesce(element_at(requestParameters, 'targetId'), element_at(requestParameters, 'accountId'), element_at(requestParameters, 'rootId'),
    element_at(requestParameters, 'servicePrincipal')) AS target,
  element_at(requestParameters, 'policyId') AS policy_id,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'organizations.amazonaws.com'
  AND eventName IN ('LeaveOrganization', 'RemoveAccountFromOrganization', 'DetachPolicy', 'DeletePolicy',
      'UpdatePolicy', 'DisablePolicyType', 'DeregisterDelegatedAdministrator', 'DisableAWSServiceAccess',
      'DeleteOrganization', 'MoveAccount')
ORDER BY event_time DESC, event_id
