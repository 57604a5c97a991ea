WITH actions AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventSource, eventName,
    min(eventTime) AS first_seen,
    count(DISTINCT eventID) AS calls,
    array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
    count(DISTINCT sourceIPAddress) AS addresses
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND errorCode IS NULL
  GROUP BY 1, 2, 3, 4
),
known AS (
  SELECT account, principal, min(first_seen) AS known_since
  FROM actions
  GROUP BY account, principal
)
SELECT a.account,
  a.principal,
  a.eventSource AS event_source,
  a.eventName AS event_name,
  a.calls,
  a.regions,
  a.addresses,
  a.first_seen,
  k.known_since
FROM actions a
JOIN known k ON k.account = a.account AND k.principal = a.principal
WHERE a.first_seen >= :split AND k.known_since < :split
  AND (:principal = '' OR a.principal = :principal)
ORDER BY first_seen DESC, principal, event_source, event_name, account
