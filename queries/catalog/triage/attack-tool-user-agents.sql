-- name: attack-tool-user-agents
-- title: Calls by known attack tools
-- description: Calls whose user agent names a tool or a system made for attacks and penetration
--   tests: Pacu, Stratus Red Team, CloudFox, ScoutSuite, Prowler, TruffleHog, Kali, Parrot, Pentoo,
--   Nuclei. A careful intruder changes the name, a hurried one does not. Counted by principal,
--   address and tool.
-- severity: high
-- technique: T1059.009, T1078.004, T1580
-- false-positives: Penetration tests and security scanners of your own: Prowler, ScoutSuite and
--   TruffleHog are defenders' tools as well.
-- next: Is there a test going on, from this address and with this principal? If not, disable the
--   credentials and read principal-timeline.
-- tags: triage, user-agent, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT regexp_extract(lower(userAgent), '(pacu|stratus-red-team|cloudfox|scoutsuite|scout suite|prowler|trufflehog|kali|parrot|pentoo|nuclei)', 1) AS tool,
  recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS errors,
  count(DISTINCT eventName) AS actions,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND regexp_like(lower(userAgent), '(^|[^a-z])(pacu|stratus-red-team|cloudfox|scoutsuite|scout suite|prowler|trufflehog|kali|parrot|pentoo|nuclei)([^a-z]|$)')
GROUP BY 1, 2, 3, 4
ORDER BY last_seen DESC, tool, principal, address, account
