-- name: principal-timeline
-- title: All that one principal did
-- description: Everything that one principal did, newest first: a user, a role with all of its
--   sessions, one session, or one access key. It answers the second question of an incident: what
--   have they done?
-- false-positives: None: it lists what there is.
-- next: Mark the first strange row and look at what was made after it (rows where read_only is
--   false and error is empty): new keys, users, instances, trust policies. Take strange addresses to
--   address-timeline.
-- tags: identity, timeline, incident
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   arn: string
--     ARN of a user, a role or a session; an access key id or principal id will do too.
--   limit: integer = 1000
--     Rows at most, newest first.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  eventSource AS event_source,
  eventName AS event_name,
  readOnly AS read_only,
  errorCode AS error,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  userIdentity.arn AS session,
  nullif(userIdentity.accessKeyId, '') AS access_key,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (userIdentity.arn = :arn
    OR userIdentity.sessionContext.sessionIssuer.arn = :arn
    OR userIdentity.accessKeyId = :arn
    OR userIdentity.principalId = :arn)
ORDER BY event_time DESC, event_id
LIMIT :limit
