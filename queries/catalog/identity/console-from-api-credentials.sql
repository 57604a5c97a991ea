-- name: console-from-api-credentials
-- title: Console sessions made of API credentials
-- description: Who turned credentials of the API into a session of the console (GetSigninToken): a
--   role's session becomes a browser tab without a password and without MFA. Tools of
--   administrators do it; somebody who found a role's credentials on an instance does too. Rows
--   with an error are attempts.
-- severity: medium
-- technique: T1021.007, T1538, T1550.001
-- apis: GetSigninToken
-- false-positives: aws-vault, Leapp, Granted and other tools that open the console; brokers of your
--   own.
-- next: A session of an instance's or a function's role in the console is an incident: revoke the
--   role's sessions. Otherwise compare the address with the person's.
-- tags: identity, console, lateral-movement
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
  userIdentity.sessionContext.sessionIssuer.arn AS role_arn,
  userAgent AS user_agent,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'signin.amazonaws.com'
  AND eventName = 'GetSigninToken'
ORDER BY event_time DESC, event_id
