-- group: group-bys
-- title: TLS versions by service
SELECT eventSource, tlsDetails.tlsVersion AS version, tlsDetails.cipherSuite AS suite, count(*) AS calls
FROM events
WHERE tlsDetails.tlsVersion IS NOT NULL
GROUP BY 1, 2, 3
-- clickhouse
SELECT eventsource, tlsdetails.tlsversion AS version, tlsdetails.ciphersuite AS suite, count() AS calls
FROM events
WHERE tlsdetails.tlsversion IS NOT NULL
GROUP BY 1, 2, 3
