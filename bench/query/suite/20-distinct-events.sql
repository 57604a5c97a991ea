-- group: distinct counts
-- title: how many events there are without copies
SELECT count(DISTINCT eventID) AS events, count(*) AS records
FROM events
-- clickhouse
SELECT count(DISTINCT eventid) AS events, count() AS records
FROM events
