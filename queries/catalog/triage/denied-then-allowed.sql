-- name: denied-then-allowed
-- title: Actions first denied, later allowed
-- description: Actions that a principal was denied at first and that worked later, never before.
--   Somebody has given it the permission in between, or it gave itself one: the trace of privilege
--   escalation that worked. denials counts the refused calls; between last_denied and first_allowed
--   lies the change to look for.
-- severity: medium
-- technique: T1098, T1548
-- false-positives: New roles whose policy is finished step by step; the first minutes after a role
--   was made, while IAM spreads the change.
-- next: Look in iam-changes at the minutes before first_allowed: who attached what? If it was the
--   principal itself, treat it as an intruder.
-- tags: triage, privilege-escalation, errors, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH calls AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventSource, eventName, eventTime, eventID,
    errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%' AS denied,
    errorCode IS NULL AS allowed
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
)
SELECT account,
  principal,
  eventSource AS event_source,
  eventName AS event_name,
  count(DISTINCT eventID) FILTER (WHERE denied) AS denials,
  min(eventTime) FILTER (WHERE denied) AS first_denied,
  max(eventTime) FILTER (WHERE denied) AS last_denied,
  min(eventTime) FILTER (WHERE allowed) AS first_allowed
FROM calls
GROUP BY account, principal, eventSource, eventName
HAVING min(eventTime) FILTER (WHERE denied) < min(eventTime) FILTER (WHERE allowed)
ORDER BY first_allowed DESC, principal, event_source, event_name, account
