-- name: reconnaissance-bursts
-- title: Somebody looks around
-- description: Principals that asked many different questions within one hour of the clock:
--   different read-only actions, from one address. Programs repeat a few; somebody with new
--   credentials wants to know what there is. denied shows how much of it was refused: a high share
--   is a stranger.
-- severity: medium
-- technique: T1580, T1526
-- false-positives: Inventory and security tools; the console, whose pages ask dozens of services; a
--   person's first hour with an account.
-- next: Is it a scanner of yours? If not, take the principal to principal-timeline and look for
--   what it changed afterwards.
-- tags: triage, discovery, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_actions: integer = 30
--     Fewest different actions in an hour that are listed.
SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT eventSource || ':' || eventName) AS actions,
  count(DISTINCT eventSource) AS services,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%'
    THEN eventID END) AS denied,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND readOnly
  AND managementEvent IS DISTINCT FROM false
GROUP BY 1, 2, 3, 4
HAVING count(DISTINCT eventSource || ':' || eventName) >= :min_actions
ORDER BY event_hour DESC, actions DESC, principal, address, account
