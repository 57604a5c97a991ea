WITH used AS (
  SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    CASE
      WHEN strpos(userAgent, '/') > 1 THEN substr(userAgent, 1, strpos(userAgent, '/') - 1)
      ELSE userAgent
    END AS program,
    min(eventTime) AS first_seen,
    max(eventTime) AS last_seen,
    count(*) AS calls,
    count(DISTINCT sourceIPAddress) AS addresses,
    min(sourceIPAddress) AS an_address
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND userAgent IS NOT NULL
    AND coalesce(userIdentity.type, 'none') <> 'AWSService'
  GROUP BY coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown'),
    CASE
      WHEN strpos(userAgent, '/') > 1 THEN substr(userAgent, 1, strpos(userAgent, '/') - 1)
      ELSE userAgent
    END
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
