-- name: identity-center-assignments
-- title: Access to accounts given in Identity Center
-- description: Who gave or took access to an account through Identity Center: which permission set,
--   to which user or group, in which account. In an organization this is where rights are given;
--   one assignment of an administrators' set to the management account is all of it. Rows with an
--   error are attempts.
-- severity: medium
-- technique: T1098.003
-- apis: CreateAccountAssignment, DeleteAccountAssignment
-- false-positives: The normal work of the identity team, if it comes from their role or their code.
-- next: Look up principal_id (aws identitystore describe-user, describe-group) and the permission
--   set. Assignments by somebody else than the identity team are to be undone and asked about.
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
  element_at(requestParameters, 'targetId') AS target_account,
  element_at(requestParameters, 'permissionSetArn') AS permission_set,
  element_at(requestParameters, 'principalType') AS principal_type,
  element_at(requestParameters, 'principalId') AS principal_id,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'sso.amazonaws.com'
  AND eventName IN ('CreateAccountAssignment', 'DeleteAccountAssignment')
ORDER BY event_time DESC, event_id
