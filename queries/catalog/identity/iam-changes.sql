-- name: iam-changes
-- title: Changes to IAM
-- description: All that changed, or tried to change, users, roles, policies, keys and identity
--   providers, newest first. Whoever wants to stay after a break-in makes a user, a key or a trust
--   policy; whoever wants more rights attaches a policy. The rows with an error are attempts. An
--   event that was delivered several times is shown once.
-- severity: medium
-- technique: T1098, T1136.003
-- false-positives: Terraform, CloudFormation and other deployments; service-linked roles made by
--   AWS services.
-- next: Compare with the change log of your infrastructure code: a change by a person is the
--   exception. Look first at CreateUser, CreateAccessKey, CreateLoginProfile, AttachUserPolicy,
--   PutUserPolicy, UpdateAssumeRolePolicy and CreatePolicyVersion.
-- tags: identity, iam, changes, persistence, cis
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   limit: integer = 1000
--     Rows at most, newest first.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventSource AS event_source,
  eventName AS event_name,
  errorCode AS error,
  userAgent AS user_agent,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND (readOnly = false
    OR (readOnly IS NULL AND eventName NOT LIKE 'Get%' AND eventName NOT LIKE 'List%'
      AND eventName NOT LIKE 'Generate%' AND eventName NOT LIKE 'Simulate%'))
ORDER BY event_time DESC, event_id
LIMIT :limit
