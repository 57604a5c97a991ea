-- group: joins
-- title: calls of all sessions by the key that opened them
WITH issued AS (
  SELECT userIdentity.accessKeyId AS from_key, json_extract_scalar(element_at(responseElements, 'credentials'), '$.accessKeyId') AS to_key, eventTime AS at
  FROM events
  WHERE eventSource = 'sts.amazonaws.com' AND eventName IN ('AssumeRole', 'GetSessionToken', 'GetFederationToken') AND errorCode IS NULL
)
SELECT i.from_key, count(DISTINCT i.to_key) AS sessions, count(*) AS calls, count(e.errorCode) AS errors
FROM issued i JOIN events e ON e.userIdentity.accessKeyId = i.to_key
WHERE e.eventTime >= i.at
GROUP BY i.from_key
-- duckdb
WITH issued AS (
  SELECT userIdentity.accessKeyId AS from_key, json_extract_string(responseElements, '$.credentials.accessKeyId') AS to_key, eventTime AS at
  FROM events
  WHERE eventSource = 'sts.amazonaws.com' AND eventName IN ('AssumeRole', 'GetSessionToken', 'GetFederationToken') AND errorCode IS NULL
)
SELECT i.from_key, count(DISTINCT i.to_key) AS sessions, count(*) AS calls, count(e.errorCode) AS errors
FROM issued i JOIN events e ON e.userIdentity.accessKeyId = i.to_key
WHERE e.eventTime >= i.at
GROUP BY i.from_key
-- clickhouse
WITH issued AS (
  SELECT useridentity.accesskeyid AS from_key, JSONExtract(responseelements, 'credentials', 'accessKeyId', 'Nullable(String)') AS to_key, eventtime AS at
  FROM events
  WHERE eventsource = 'sts.amazonaws.com' AND eventname IN ('AssumeRole', 'GetSessionToken', 'GetFederationToken') AND errorcode IS NULL
)
SELECT i.from_key, count(DISTINCT i.to_key) AS sessions, count() AS calls, count(e.errorcode) AS errors
FROM events e JOIN issued i ON e.useridentity.accesskeyid = i.to_key
WHERE e.eventtime >= i.at
GROUP BY i.from_key
