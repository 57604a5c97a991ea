-- name: root-use
-- title: What the root user did
-- description: Every call and sign-in by the root user of an account. Root cannot be limited by a
--   policy of the account and is meant for a handful of tasks a year, so every row should have a
--   reason that somebody can name. mfa is what the session says of itself; it is empty for sign-ins.
--   assumed_root marks the short sessions that the organization's management account opens with
--   AssumeRoot.
-- severity: high
-- technique: T1078.004
-- false-positives: Closing accounts, changing support plans, a new account's first sign-in. Calls
--   that AWS services make in the name of root are left out.
-- next: Ask the owner of the account's mailbox. If nobody did it: reset root's password and MFA
--   through the e-mail address, delete root's access keys, then read address-timeline for the
--   address.
-- tags: identity, root, cis
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  eventSource AS event_source,
  eventName AS event_name,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  nullif(userIdentity.accessKeyId, '') AS access_key,
  userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa,
  CASE WHEN json_extract_scalar(eventJson, '$.userIdentity.sessionContext.assumedRoot') = 'true' THEN 'yes' ELSE 'no' END AS assumed_root,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND userIdentity.type = 'Root'
  AND userIdentity.invokedBy IS NULL
  AND coalesce(eventType, 'AwsApiCall') <> 'AwsServiceEvent'
ORDER BY event_time DESC, event_id
