WITH history AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventSource, eventName,
    min(eventTime) AS first_seen
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventTime < :split
    AND errorCode IS NULL
  GROUP BY 1, 2, 3, 4
),
known AS (
  SELECT account, principal, min(first_seen) AS known_since
  FROM history
  GROUP BY account, principal
),
recent AS (
  SELECT recipientAccountId AS account,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventSource, eventName,
    min(eventTime) AS first_seen,
    count(DISTINCT eventID) AS calls,
    array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
    count(DISTINCT sourceIPAddress) AS addresses
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until AND eventTime >= :split
    AND errorCode IS NULL
  GROUP BY 1, 2, 3, 4
)
SELECT r.account,
  r.principal,
  r.eventSource AS event_source,
  r.eventName AS event_name,
  r.calls,
  r.regions,
  r.addresses,
  r.first_seen,
  k.known_since
FROM recent r
JOIN known k ON k.account = r.account AND k.principal = r.principal
LEFT JOIN history h ON h.account = r.account AND h.principal = r.principal
  AND h.eventSource IS NOT DISTINCT FROM r.eventSource AND h.eventName IS NOT DISTINCT FROM r.eventName
WHERE h.principal IS NULL
  AND (:principal = '' OR r.principal = :principal)
ORDER BY first_seen DESC, principal, event_source, event_name, account
