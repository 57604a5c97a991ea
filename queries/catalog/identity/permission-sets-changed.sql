-- name: permission-sets-changed
-- title: Permission sets of Identity Center changed
-- description: Changes to what a permission set allows: policies attached, detached or written,
--   boundaries, length of sessions. A change works in every account to which the set is assigned,
--   once it is provisioned. Rows with an error are attempts.
-- severity: medium
-- technique: T1098.003
-- apis: CreatePermissionSet, UpdatePermissionSet, DeletePermissionSet,
--   AttachManagedPolicyToPermissionSet, DetachManagedPolicyFromPermissionSet,
--   AttachCustomerManagedPolicyReferenceToPermissionSet,
--   DetachCustomerManagedPolicyReferenceFromPermissionSet, PutInlinePolicyToPermissionSet,
--   DeleteInlinePolicyFromPermissionSet, PutPermissionsBoundaryToPermissionSet,
--   DeletePermissionsBoundaryFromPermissionSet
-- false-positives: The normal work of the identity team, if it comes from their role or their code.
-- next: Read the new policy; look in identity-center-assignments for who has the set.
-- tags: identity, identity-center, privilege-escalation
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
  coalesce(element_at(requestParameters, 'permissionSetArn'), element_at(requestParameters, 'name')) AS permission_set,
  element_at(requestParameters, 'managedPolicyArn') AS managed_policy,
  element_at(requestParameters, 'sessionDuration') AS session_duration,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'sso.amazonaws.com'
  AND eventName IN ('CreatePermissionSet', 'UpdatePermissionSet', 'DeletePermissionSet',
      'AttachManagedPolicyToPermissionSet', 'DetachManagedPolicyFromPermissionSet',
      'AttachCustomerManagedPolicyReferenceToPermissionSet',
      'DetachCustomerManagedPolicyReferenceFromPermissionSet', 'PutInlinePolicyToPermissionSet',
      'DeleteInlinePolicyFromPermissionSet', 'PutPermissionsBoundaryToPermissionSet',
      'DeletePermissionsBoundaryFromPermissionSet')
ORDER BY event_time DESC, event_id
