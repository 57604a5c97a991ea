-- group: top-N
-- title: the busiest addresses
SELECT sourceIPAddress, count(*) AS calls, count(errorCode) AS errors, min(eventTime) AS first_seen, max(eventTime) AS last_seen
FROM events
GROUP BY sourceIPAddress
ORDER BY calls DESC, sourceIPAddress
LIMIT 20
