-- group: group-bys
-- title: calls of every principal by day
SELECT userIdentity.arn AS principal, date_trunc('day', eventTime) AS day, count(*) AS calls
FROM events
GROUP BY 1, 2
-- clickhouse
SELECT useridentity.arn AS principal, toDateTime64(toStartOfDay(eventtime), 3) AS day, count() AS calls
FROM events
GROUP BY 1, 2
