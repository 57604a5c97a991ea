-- group: time ranges
-- title: the services of one day
SELECT eventSource, count(*) AS calls, count(errorCode) AS errors
FROM events
WHERE eventTime >= :day_since AND eventTime < :day_until
GROUP BY eventSource
