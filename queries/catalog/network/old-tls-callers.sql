-- name: old-tls-callers
-- title: Who still calls with old TLS
-- description: Each principal and program that calls with TLS 1.1 or older: from where, which
--   services, how often. These are the clients that stop working when an endpoint refuses old
--   versions, and whose traffic can be attacked; a standard such as PCI DSS forbids them.
-- severity: low
-- false-positives: None: the version is the one that was agreed on.
-- next: Find the machine by its address and user agent. Update its SDK, its runtime or the proxy
--   before it.
-- tags: network, hygiene, tls
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  tlsDetails.tlsVersion AS tls_version,
  tlsDetails.cipherSuite AS cipher_suite,
  userAgent AS user_agent,
  array_agg(DISTINCT eventSource ORDER BY eventSource) AS services,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  count(DISTINCT eventID) AS calls,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND tlsDetails.tlsVersion IN ('TLSv1', 'TLSv1.0', 'TLSv1.1', 'SSLv3')
GROUP BY 1, 2, 3, 4, 5
ORDER BY calls DESC, last_seen DESC, principal, user_agent, tls_version, cipher_suite, account
