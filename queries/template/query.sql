-- name: NAME
-- title: What it finds, in a line
-- description: What it finds and why that matters. A value goes on in lines that are
--   indented by two blanks or more.
--
--   An empty comment line begins a new paragraph.
-- severity: low
-- technique: T1531
-- apis: DeleteUser
-- false-positives: What it finds that means nothing.
-- next: What to do with the rows.
-- tags: own
-- params:
--   since: timestamp = now - 30 days
--     First moment looked at (UTC).
--   until: timestamp = now
--     Moment at which to stop, itself not included.
--   trusted: strings = ''
--     Names of users whose calls are left out, separated by commas.
SELECT DISTINCT eventTime AS event_time,
  userIdentity.arn AS actor,
  sourceIPAddress AS address,
  element_at(requestParameters, 'userName') AS user_name,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName = 'DeleteUser'
  AND coalesce(userIdentity.userName, '') NOT IN (:trusted)
ORDER BY event_time DESC, event_id
