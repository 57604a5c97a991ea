-- name: access-keys-created
-- title: Access keys created
-- description: Who made a long-term access key, and for whom. Keys do not expire and travel well,
--   which is why an intruder makes one and why a person rarely should. for_somebody_else is yes when
--   a key was made for another user than the caller: the common form of persistence. An event that
--   was delivered several times is shown once.
-- severity: high
-- technique: T1098.001
-- apis: CreateAccessKey
-- false-positives: Scheduled key rotation; users who make a key of their own; provisioning tools.
-- next: Ask the actor. If nobody knows the key, disable it (aws iam update-access-key --status
--   Inactive), then take new_key to principal-timeline: it accepts a key id.
-- tags: identity, iam, credentials, persistence
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH made AS (
  SELECT DISTINCT eventTime, recipientAccountId, sourceIPAddress, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    userIdentity.userName AS own_name,
    coalesce(element_at(requestParameters, 'userName'),
      json_extract_scalar(eventJson, '$.responseElements.accessKey.userName'), userIdentity.userName) AS for_user,
    json_extract_scalar(eventJson, '$.responseElements.accessKey.accessKeyId') AS new_key
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'iam.amazonaws.com'
    AND eventName = 'CreateAccessKey'
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  actor,
  for_user,
  CASE WHEN for_user IS NULL THEN 'unknown' WHEN for_user = own_name THEN 'no' ELSE 'yes' END AS for_somebody_else,
  new_key,
  sourceIPAddress AS address,
  errorCode AS error,
  eventID AS event_id
FROM made
ORDER BY event_time DESC, event_id
