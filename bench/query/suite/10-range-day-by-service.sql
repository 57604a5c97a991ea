-- group: time ranges
-- title: the services of one day
SELECT eventSource, count(*) AS calls, count(errorCode) AS errors
FROM events
WHERE eventTime >= :day_since AND eventTime < :day_until
GROUP BY eventSource
-- clickhouse
SELECT eventsource, count() AS calls, count(errorcode) AS errors
FROM events
WHERE eventtime >= :day_since AND eventtime < :day_until
GROUP BY eventsource
