-- group: group-bys
-- title: errors by service and code
SELECT eventSource, errorCode, count(*) AS calls
FROM events
WHERE errorCode IS NOT NULL
GROUP BY eventSource, errorCode
-- clickhouse
SELECT eventsource, errorcode, count() AS calls
FROM events
WHERE errorcode IS NOT NULL
GROUP BY eventsource, errorcode
