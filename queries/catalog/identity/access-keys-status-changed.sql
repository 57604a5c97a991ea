-- name: access-keys-status-changed
-- title: Access keys switched on and off, and deleted
-- description: Who activated, disabled or deleted an access key. A key that is switched on again
--   deserves the same question as a new one; a key that somebody deletes right after using it is a
--   trace being removed. Rows with an error are attempts.
-- severity: medium
-- technique: T1098.001, T1531
-- apis: UpdateAccessKey, DeleteAccessKey
-- false-positives: Key rotation: a new key, then the old one off, then deleted.
-- next: For a key that was activated, ask why it was off. access-key-timeline tells the key's whole
--   story.
-- tags: identity, credentials, persistence
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
  coalesce(element_at(requestParameters, 'userName'), userIdentity.userName) AS user_name,
  element_at(requestParameters, 'accessKeyId') AS access_key,
  CASE WHEN eventName = 'DeleteAccessKey' THEN 'Deleted' ELSE element_at(requestParameters, 'status') END AS new_status,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('UpdateAccessKey', 'DeleteAccessKey')
ORDER BY event_time DESC, event_id
