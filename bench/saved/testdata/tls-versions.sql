SELECT tlsDetails.tlsVersion AS tls_version,
  eventSource AS event_source,
  count(*) AS calls,
  count(DISTINCT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown')) AS principals,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(userAgent) AS a_user_agent,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND tlsDetails.tlsVersion IS NOT NULL
GROUP BY tlsDetails.tlsVersion, eventSource
ORDER BY tls_version, calls DESC, event_source
