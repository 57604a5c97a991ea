-- name: access-key-timeline
-- title: The life of one access key
-- description: All that an access key did, and all that was done with it: the call that issued it
--   (issued), the calls signed with it (used), the calls that name it, such as UpdateAccessKey,
--   DeleteAccessKey or GetAccessKeyLastUsed (named). A leaked key is the usual beginning of an
--   incident; this is its whole story in one list, newest first. Works for long-term keys (AKIA…)
--   and for those of a session (ASIA…).
-- false-positives: None: it lists what there is. A key in a store without its account's logs has no
--   issued row.
-- next: Disable the key, then follow the keys that it issued with role-session-chain. Look at the
--   used rows where read_only is false and error is empty.
-- tags: triage, timeline, credentials, incident
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   key: string
--     The access key id, such as AKIA… or ASIA….
--   limit: integer = 1000
--     Rows at most, newest first.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  CASE WHEN userIdentity.accessKeyId = :key THEN 'used'
    WHEN element_at(requestParameters, 'accessKeyId') = :key THEN 'named'
    ELSE 'issued' END AS relation,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventSource AS event_source,
  eventName AS event_name,
  readOnly AS read_only,
  errorCode AS error,
  userAgent AS user_agent,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (userIdentity.accessKeyId = :key
    OR element_at(requestParameters, 'accessKeyId') = :key
    OR json_extract_scalar(element_at(responseElements, 'accessKey'), '$.accessKeyId') = :key
    OR json_extract_scalar(element_at(responseElements, 'credentials'), '$.accessKeyId') = :key)
ORDER BY event_time DESC, event_id
LIMIT :limit
