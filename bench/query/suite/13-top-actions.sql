-- group: top-N
-- title: the most frequent actions
SELECT eventSource, eventName, count(*) AS calls
FROM events
GROUP BY eventSource, eventName
ORDER BY calls DESC, eventSource, eventName
LIMIT 25
-- clickhouse
SELECT eventsource, eventname, count() AS calls
FROM events
GROUP BY eventsource, eventname
ORDER BY calls DESC, eventsource, eventname
LIMIT 25
