-- name: top-addresses
-- title: The busiest addresses
-- description: A top-N over all events.
SELECT sourceIPAddress, count(*) AS calls, count(DISTINCT eventName) AS names
FROM $EDS_ID
GROUP BY sourceIPAddress
ORDER BY calls DESC, sourceIPAddress
LIMIT 20
