-- name: users-added-to-groups
-- title: Users added to groups
-- description: Who put an IAM user into a group. by_itself is yes when the user put itself into the
--   group: nearly always an escalation of rights. Rows with an error are attempts.
-- severity: medium
-- technique: T1098.003
-- apis: AddUserToGroup
-- false-positives: Creation of new colleagues; changes of teams.
-- next: Look at the group's policies. A row with by_itself = yes is to be undone first and asked
--   about then.
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
  element_at(requestParameters, 'userName') AS user_name,
  element_at(requestParameters, 'groupName') AS group_name,
  CASE WHEN element_at(requestParameters, 'userName') = userIdentity.userName THEN 'yes' ELSE 'no' END AS by_itself,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName = 'AddUserToGroup'
ORDER BY event_time DESC, event_id
