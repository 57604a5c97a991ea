-- group: duplicates
-- title: events that were delivered more than once, by service
WITH repeated AS (
  SELECT eventID, eventSource, count(*) AS copies
  FROM events
  GROUP BY eventID, eventSource
  HAVING count(*) > 1
)
SELECT eventSource, count(*) AS events, CAST(sum(copies) AS bigint) AS copies
FROM repeated
GROUP BY eventSource
-- clickhouse
WITH repeated AS (
  SELECT eventid, eventsource, count() AS times
  FROM events
  GROUP BY eventid, eventsource
  HAVING times > 1
)
SELECT eventsource, count() AS events, sum(times) AS copies
FROM repeated
GROUP BY eventsource
