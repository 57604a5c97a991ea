-- name: iam-users-created
-- title: IAM users created
-- description: Who made an IAM user, and its name. Where people come through Identity Center and
--   programs through roles, a new user is rare; an intruder makes one to stay. Rows with an error
--   are attempts.
-- severity: medium
-- technique: T1136.003
-- apis: CreateUser
-- false-positives: Provisioning of service users by infrastructure code.
-- next: Ask the actor. Then look at what the user got: login-profiles-changed, access-keys-created,
--   admin-policies-attached.
-- tags: identity, iam, persistence, cis
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
  element_at(requestParameters, 'userName') AS user_name,
  element_at(requestParameters, 'path') AS user_path,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName = 'CreateUser'
ORDER BY event_time DESC, event_id
