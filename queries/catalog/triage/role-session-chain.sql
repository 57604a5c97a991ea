-- name: role-session-chain
-- title: Sessions that one key led to
-- description: Follows a key through the roles that it assumed: the sessions that it opened, the
--   sessions that those opened, and so on, four steps deep, with the number of calls that each
--   session made and how many of them failed. Role chaining hides who is behind a call: every step
--   has a new key, a new name and often another account. Needs the logs of every account on the
--   way: the calls of a session are in the logs of the account that owns the role.
-- technique: T1550.001
-- apis: AssumeRole, AssumeRoleWithSAML, AssumeRoleWithWebIdentity, AssumeRoot, GetSessionToken,
--   GetFederationToken
-- false-positives: Deployment tools chain two roles by design: first one of their own account, then
--   one of the target.
-- next: Take each to_key to access-key-timeline, beginning with the deepest. Revoke the sessions of
--   the roles that should not have been assumed.
-- tags: triage, sts, lateral-movement, incident
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   key: string
--     The access key id to begin with.
WITH issued AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, eventID,
    userIdentity.accessKeyId AS from_key,
    coalesce(element_at(requestParameters, 'roleArn'), element_at(requestParameters, 'targetPrincipal')) AS role_arn,
    coalesce(element_at(requestParameters, 'roleSessionName'), element_at(requestParameters, 'name')) AS session_name,
    json_extract_scalar(element_at(responseElements, 'credentials'), '$.accessKeyId') AS to_key
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'sts.amazonaws.com'
    AND eventName IN ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'AssumeRoot', 'GetSessionToken',
      'GetFederationToken')
    AND errorCode IS NULL
),
step1 AS (SELECT 1 AS depth, i.* FROM issued i WHERE i.from_key = :key),
step2 AS (SELECT 2 AS depth, i.* FROM issued i WHERE i.from_key IN (SELECT to_key FROM step1)),
step3 AS (SELECT 3 AS depth, i.* FROM issued i WHERE i.from_key IN (SELECT to_key FROM step2)),
step4 AS (SELECT 4 AS depth, i.* FROM issued i WHERE i.from_key IN (SELECT to_key FROM step3)),
chain AS (
  SELECT * FROM step1 UNION ALL SELECT * FROM step2 UNION ALL SELECT * FROM step3 UNION ALL SELECT * FROM step4
),
made AS (
  SELECT userIdentity.accessKeyId AS call_key,
    count(DISTINCT eventID) AS calls,
    count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS errors
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.accessKeyId IN (SELECT to_key FROM chain)
  GROUP BY userIdentity.accessKeyId
)
SELECT c.depth,
  c.eventTime AS event_time,
  c.recipientAccountId AS account,
  c.awsRegion AS region,
  c.eventName AS event_name,
  c.from_key,
  c.sourceIPAddress AS address,
  c.role_arn,
  c.session_name,
  c.to_key,
  coalesce(m.calls, 0) AS calls,
  coalesce(m.errors, 0) AS errors,
  c.eventID AS event_id
FROM chain c
LEFT JOIN made m ON m.call_key = c.to_key
ORDER BY depth, event_time, event_id
