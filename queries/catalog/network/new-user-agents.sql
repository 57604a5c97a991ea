-- name: new-user-agents
-- title: Known principals with a new tool
-- description: Principals that were seen before and now, in the last seven days of the logs, use a
--   program that they never used until then. Stolen credentials are used with the thief's tools: a
--   build role that has only ever called through Terraform and suddenly calls through Boto3 or a
--   browser is worth a question. The program is the user agent up to its first slash, so that a new
--   version of a known program is not news. "The last seven days" end with the newest event of the
--   store (or :until), not today.
-- severity: low
-- technique: T1059.009, T1078.004
-- false-positives: New laptops, first use of the console, and logs that reach back less than a few
--   weeks, in which much is new.
-- next: Ask the owner of the principal. Then principal-timeline, for what the new tool did.
-- tags: network, anomaly, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH by_address AS (
  SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    CASE
      WHEN strpos(userAgent, '/') > 1 THEN substr(userAgent, 1, strpos(userAgent, '/') - 1)
      ELSE userAgent
    END AS program,
    sourceIPAddress AS address,
    min(eventTime) AS first_seen,
    max(eventTime) AS last_seen,
    count(*) AS calls
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND userAgent IS NOT NULL
    AND coalesce(userIdentity.type, 'none') <> 'AWSService'
  GROUP BY 1, 2, 3
),
used AS (
  SELECT principal, program,
    min(first_seen) AS first_seen,
    max(last_seen) AS last_seen,
    sum(calls) AS calls,
    count(address) AS addresses,
    min(address) AS an_address
  FROM by_address
  GROUP BY principal, program
),
known AS (
  SELECT principal, program, first_seen, last_seen, calls, addresses, an_address,
    min(first_seen) OVER (PARTITION BY principal) AS principal_first_seen,
    max(last_seen) OVER () AS newest
  FROM used
)
SELECT principal, program, calls, addresses, an_address, first_seen, last_seen, principal_first_seen
FROM known
WHERE first_seen >= newest - INTERVAL '7' DAY
  AND principal_first_seen < newest - INTERVAL '7' DAY
ORDER BY first_seen DESC, principal, program
