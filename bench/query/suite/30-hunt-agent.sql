-- group: substring hunts
-- title: a word in user agents, in any case
SELECT userAgent, count(*) AS calls
FROM events
WHERE lower(userAgent) LIKE '%python%'
GROUP BY userAgent
-- clickhouse
SELECT useragent, count() AS calls
FROM events
WHERE useragent ILIKE '%python%'
GROUP BY useragent
