-- name: console-logins-without-mfa
-- title: Console sign-ins without MFA
-- description: Successful sign-ins to the console by IAM users and root without a second factor:
--   whoever has the password is in. Sign-ins through an identity provider are left out, since
--   CloudTrail always says "No" for them: their second factor is the provider's business.
-- severity: medium
-- technique: T1078.004
-- apis: ConsoleLogin
-- false-positives: Test accounts and break-glass users whose password is locked away. A sign-in
--   whose MFA was asked for in a second step says "Yes" and is not listed.
-- next: Give the user an MFA device, and deny everything without one by policy. If the address is
--   strange, treat the password as known: principal-timeline.
-- tags: identity, console, mfa, cis
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  userIdentity.type AS user_type,
  coalesce(userIdentity.arn, userIdentity.userName, userIdentity.principalId) AS actor,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'signin.amazonaws.com'
  AND eventName = 'ConsoleLogin'
  AND userIdentity.type IN ('IAMUser', 'Root')
  AND element_at(responseElements, 'ConsoleLogin') = 'Success'
  AND element_at(additionalEventData, 'MFAUsed') = 'No'
ORDER BY event_time DESC, event_id
