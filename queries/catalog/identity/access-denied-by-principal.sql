-- name: access-denied-by-principal
-- title: Who is denied what
-- description: Principals whose calls were refused for lack of permission, those who tried the
--   most different actions first. An intruder does not know what the stolen credentials may do and
--   tries: many services and many actions in a short time. A broken deployment, in contrast, repeats
--   one action for ever. Roles are counted as one principal, whatever their sessions are called.
-- severity: medium
-- technique: T1580, T1526
-- false-positives: Security scanners and inventory tools that ask for everything; new roles whose
--   policy is not finished.
-- next: Take a principal with many different actions to principal-timeline and look at what was
--   allowed.
-- tags: identity, errors, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_denials: integer = 1
--     Fewest denials of a principal that is listed.
SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(*) AS denials,
  count(DISTINCT eventSource || ':' || eventName) AS actions,
  count(DISTINCT eventSource) AS services,
  count(DISTINCT sourceIPAddress) AS addresses,
  array_agg(DISTINCT eventSource ORDER BY eventSource) AS service_list,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%')
GROUP BY coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown')
HAVING count(*) >= :min_denials
ORDER BY actions DESC, denials DESC, principal
