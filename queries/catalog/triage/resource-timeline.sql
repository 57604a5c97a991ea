-- name: resource-timeline
-- title: What happened to one resource
-- description: Every call that names one resource: by ARN in the event's list of resources, or by
--   ARN, id or name anywhere in the record as a whole value, such as sg-0123456789abcdef0, a
--   bucket's name or a user's name. Newest first. It answers who made it, who changed it and who
--   looked at it last.
-- false-positives: A short name may be the name of several things; use the ARN or the id where
--   there is one. A name inside of a longer text, such as a policy document, is not found.
-- next: Take the actors of the rows where read_only is false to principal-timeline.
-- tags: triage, timeline, resources, incident
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   resource: string
--     ARN, id or name of the resource, exactly as the record has it.
--   limit: integer = 1000
--     Rows at most, newest first.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventSource AS event_source,
  eventName AS event_name,
  readOnly AS read_only,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND strpos(eventJson, '"' || :resource || '"') > 0
ORDER BY event_time DESC, event_id
LIMIT :limit
