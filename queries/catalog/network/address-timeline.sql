-- name: address-timeline
-- title: All that one address did
-- description: Everything that was called from one source address, newest first. The question it
--   answers is: what did whoever sits behind this address do, and as whom?
-- false-positives: A NAT gateway or VPN carries the calls of many people: narrow the time first.
-- next: Look at the access keys and principals in the list: each may have been used from elsewhere
--   too; take them to principal-timeline. Then at the rows without an error that are not reads.
-- tags: network, timeline, incident
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   address: string
--     The address as CloudTrail writes it, such as 203.0.113.7, or a service such as lambda.amazonaws.com.
--   limit: integer = 1000
--     Rows at most, newest first.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  nullif(userIdentity.accessKeyId, '') AS access_key,
  eventSource AS event_source,
  eventName AS event_name,
  readOnly AS read_only,
  errorCode AS error,
  userAgent AS user_agent,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND sourceIPAddress = :address
ORDER BY event_time DESC, event_id
LIMIT :limit
