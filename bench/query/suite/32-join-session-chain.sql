-- group: joins
-- title: what the sessions did that a key opened, three steps deep
WITH issued AS (
  SELECT userIdentity.accessKeyId AS from_key, json_extract_scalar(element_at(responseElements, 'credentials'), '$.accessKeyId') AS to_key, eventTime AS at
  FROM events
  WHERE eventSource = 'sts.amazonaws.com' AND eventName IN ('AssumeRole', 'GetSessionToken', 'GetFederationToken') AND errorCode IS NULL
),
chain AS (
  SELECT 1 AS depth, to_key FROM issued WHERE from_key = :chain
  UNION
  SELECT 2 AS depth, b.to_key FROM issued a JOIN issued b ON b.from_key = a.to_key WHERE a.from_key = :chain
  UNION
  SELECT 3 AS depth, c.to_key
  FROM issued a JOIN issued b ON b.from_key = a.to_key JOIN issued c ON c.from_key = b.to_key WHERE a.from_key = :chain
)
SELECT k.depth, e.eventSource, e.eventName, count(*) AS calls, min(e.eventTime) AS first_seen
FROM chain k JOIN events e ON e.userIdentity.accessKeyId = k.to_key
GROUP BY 1, 2, 3
-- duckdb
WITH issued AS (
  SELECT userIdentity.accessKeyId AS from_key, json_extract_string(responseElements, '$.credentials.accessKeyId') AS to_key, eventTime AS at
  FROM events
  WHERE eventSource = 'sts.amazonaws.com' AND eventName IN ('AssumeRole', 'GetSessionToken', 'GetFederationToken') AND errorCode IS NULL
),
chain AS (
  SELECT 1 AS depth, to_key FROM issued WHERE from_key = :chain
  UNION
  SELECT 2 AS depth, b.to_key FROM issued a JOIN issued b ON b.from_key = a.to_key WHERE a.from_key = :chain
  UNION
  SELECT 3 AS depth, c.to_key
  FROM issued a JOIN issued b ON b.from_key = a.to_key JOIN issued c ON c.from_key = b.to_key WHERE a.from_key = :chain
)
SELECT k.depth, e.eventSource, e.eventName, count(*) AS calls, min(e.eventTime) AS first_seen
FROM chain k JOIN events e ON e.userIdentity.accessKeyId = k.to_key
GROUP BY 1, 2, 3
-- clickhouse
WITH issued AS (
  SELECT useridentity.accesskeyid AS from_key, JSONExtract(responseelements, 'credentials', 'accessKeyId', 'Nullable(String)') AS to_key, eventtime AS at
  FROM events
  WHERE eventsource = 'sts.amazonaws.com' AND eventname IN ('AssumeRole', 'GetSessionToken', 'GetFederationToken') AND errorcode IS NULL
),
chain AS (
  SELECT 1 AS depth, to_key FROM issued WHERE from_key = :chain
  UNION DISTINCT
  SELECT 2 AS depth, b.to_key FROM issued a JOIN issued b ON b.from_key = a.to_key WHERE a.from_key = :chain
  UNION DISTINCT
  SELECT 3 AS depth, c.to_key
  FROM issued a JOIN issued b ON b.from_key = a.to_key JOIN issued c ON c.from_key = b.to_key WHERE a.from_key = :chain
)
SELECT k.depth, e.eventsource, e.eventname, count() AS calls, min(e.eventtime) AS first_seen
FROM events e JOIN chain k ON e.useridentity.accesskeyid = k.to_key
GROUP BY 1, 2, 3
