-- name: account-authorization-downloaded
-- title: All users, roles and policies read at once
-- description: Who called GetAccountAuthorizationDetails, or made a credential report: all users,
--   groups, roles and policies of the account in one answer. It is what tools such as Pacu, PMapper
--   and ScoutSuite begin with, in order to find the way to more rights. Rows with an error are
--   attempts.
-- severity: medium
-- technique: T1087.004, T1069.003
-- apis: GetAccountAuthorizationDetails, GenerateCredentialReport, GetCredentialReport
-- false-positives: Security tools of your own, AWS Config and Access Analyzer on a schedule.
-- next: Is the caller one of your tools? If not, read principal-timeline from here on.
-- tags: identity, discovery, hunting
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
  userAgent AS user_agent,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('GetAccountAuthorizationDetails', 'GenerateCredentialReport', 'GetCredentialReport')
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
ORDER BY event_time DESC, event_id
