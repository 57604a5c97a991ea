-- name: federation-tokens-issued
-- title: Sessions opened by GetFederationToken
-- description: Who opened a session with GetFederationToken. Such a session lives up to 36 hours
--   and goes on when the user's key is disabled or deleted, and it can open the console: a
--   favourite of those who have a key and expect to lose it. Rows with an error are attempts.
-- severity: high
-- technique: T1550.001
-- apis: GetFederationToken
-- false-positives: Old identity brokers of your own, which do it all day.
-- next: If no broker of yours does it, deny all of the user's actions by an inline policy
--   (disabling the key is not enough), then follow issued_key with access-key-timeline.
-- tags: identity, sts, persistence
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
  element_at(requestParameters, 'name') AS session_name,
  element_at(requestParameters, 'durationSeconds') AS duration_seconds,
  json_extract_scalar(element_at(responseElements, 'credentials'), '$.accessKeyId') AS issued_key,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'sts.amazonaws.com'
  AND eventName = 'GetFederationToken'
ORDER BY event_time DESC, event_id
