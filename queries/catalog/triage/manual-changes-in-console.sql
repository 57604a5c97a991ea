-- name: manual-changes-in-console
-- title: Changes made by hand in the console
-- description: Successful changes with the credentials of a console session: somebody clicked. In
--   an account that is run by code, each of them is drift, an emergency or an intruder.
-- severity: low
-- false-positives: Accounts meant for trying things out; some pages of the console write settings
--   of their own when they are opened.
-- next: Compare with the change log. Bring what should stay into the infrastructure code, and undo
--   the rest.
-- tags: triage, changes, console, drift
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
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND sessionCredentialFromConsole = 'true'
  AND NOT readOnly
  AND managementEvent IS DISTINCT FROM false
  AND errorCode IS NULL
ORDER BY event_time DESC, event_id
LIMIT :limit
