-- name: tls-versions
-- title: TLS versions by service
-- description: Which TLS versions the callers use. AWS has refused TLS 1.0 and 1.1 at its public
--   endpoints since 2024, so rows with them are old, or come from private endpoints; a client that
--   still offers nothing newer will break, or has broken already. It also shows an inspecting proxy
--   whose TLS differs from that of everything else.
-- false-positives: Calls that a service makes for you and console calls that pass an intermediary
--   have no TLS details and are left out.
-- next: Find the client by the user agent in the row, update its SDK or runtime.
-- tags: network, inventory, hygiene
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
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
