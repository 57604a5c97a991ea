-- name: permission-boundaries-changed
-- title: Permission boundaries changed or removed
-- description: Who set, replaced or removed the boundary that limits what a user or a role can be
--   given. Teams that may write policies are kept in bounds by it; without it a policy of their own
--   makes them administrators. Rows with an error are attempts.
-- severity: high
-- technique: T1098.003
-- apis: PutUserPermissionsBoundary, PutRolePermissionsBoundary, DeleteUserPermissionsBoundary,
--   DeleteRolePermissionsBoundary
-- false-positives: Infrastructure code that sets the boundary of the roles that it makes.
-- next: Put the boundary back, then look in iam-changes for policies that were attached meanwhile.
-- tags: identity, iam, privilege-escalation
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
  coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'roleName')) AS target,
  element_at(requestParameters, 'permissionsBoundary') AS boundary,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('PutUserPermissionsBoundary', 'PutRolePermissionsBoundary', 'DeleteUserPermissionsBoundary',
      'DeleteRolePermissionsBoundary')
ORDER BY event_time DESC, event_id
