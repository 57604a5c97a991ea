-- name: login-profiles-changed
-- title: Console passwords given, changed and taken away
-- description: Who gave an IAM user a password for the console, set a new one or deleted it.
--   for_somebody_else is yes when it is another's password: the usual help desk, or somebody who
--   opens a second door through a user that nobody watches. Rows with an error are attempts.
-- severity: high
-- technique: T1098, T1531
-- apis: CreateLoginProfile, UpdateLoginProfile, DeleteLoginProfile
-- false-positives: The help desk; the creation of new colleagues; users that are removed.
-- next: Ask the actor and the user. Did the user sign in afterwards? See principal-timeline and
--   console-logins-without-mfa.
-- tags: identity, iam, console, persistence
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
  element_at(requestParameters, 'userName') AS user_name,
  CASE WHEN element_at(requestParameters, 'userName') = userIdentity.userName THEN 'no'
    WHEN element_at(requestParameters, 'userName') IS NULL THEN 'unknown' ELSE 'yes' END AS for_somebody_else,
  element_at(requestParameters, 'passwordResetRequired') AS must_change,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('CreateLoginProfile', 'UpdateLoginProfile', 'DeleteLoginProfile')
ORDER BY event_time DESC, event_id
