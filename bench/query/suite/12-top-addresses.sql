-- group: top-N
-- title: the busiest addresses
SELECT sourceIPAddress, count(*) AS calls, count(errorCode) AS errors, min(eventTime) AS first_seen, max(eventTime) AS last_seen
FROM events
GROUP BY sourceIPAddress
ORDER BY calls DESC, sourceIPAddress
LIMIT 20
-- clickhouse
SELECT sourceipaddress, count() AS calls, count(errorcode) AS errors, min(eventtime) AS first_seen, max(eventtime) AS last_seen
FROM events
GROUP BY sourceipaddress
ORDER BY calls DESC, sourceipaddress
LIMIT 20
