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
