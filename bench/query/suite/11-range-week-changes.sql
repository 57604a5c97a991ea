-- group: time ranges
-- title: who changed something in a week
SELECT userIdentity.arn AS principal, eventSource, eventName, count(*) AS calls
FROM events
WHERE eventTime >= :week_since AND eventTime < :week_until AND readOnly = false
GROUP BY 1, 2, 3
-- clickhouse
SELECT useridentity.arn AS principal, eventsource, eventname, count() AS calls
FROM events
WHERE eventtime >= :week_since AND eventtime < :week_until AND readonly = false
GROUP BY 1, 2, 3
