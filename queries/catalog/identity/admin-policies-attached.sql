-- name: admin-policies-attached
-- title: Policies of administrators attached
-- description: Who attached an AWS managed policy that gives all or nearly all rights to a user, a
--   group or a role. One call turns a stolen key with iam:Attach… into an administrator. Rows with
--   an error are attempts.
-- severity: high
-- technique: T1098.003
-- apis: AttachUserPolicy, AttachGroupPolicy, AttachRolePolicy
-- false-positives: Creation of administrators' roles by infrastructure code; Control Tower and
--   Identity Center, which attach AdministratorAccess to their roles.
-- next: Was it planned? If not, detach the policy (aws iam detach-role-policy and so on) and take
--   the actor to principal-timeline.
-- tags: identity, iam, privilege-escalation
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   policies: strings = AdministratorAccess,PowerUserAccess,IAMFullAccess,SystemAdministrator
--     Names of AWS managed policies, separated by commas.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(element_at(requestParameters, 'userName'), element_at(requestParameters, 'groupName'), element_at(requestParameters, 'roleName')) AS target,
  element_at(requestParameters, 'policyArn') AS policy_arn,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('AttachUserPolicy', 'AttachGroupPolicy', 'AttachRolePolicy')
  AND element_at(requestParameters, 'policyArn') LIKE 'arn:%:iam::aws:policy/%'
  AND element_at(split(element_at(requestParameters, 'policyArn'), '/'), -1) IN (:policies)
ORDER BY event_time DESC, event_id
