-- group: nested JSON
-- title: resources by type and account
SELECT r.type, r.accountId AS account, count(*) AS calls, count(DISTINCT r.arn) AS resources
FROM events CROSS JOIN UNNEST(resources) AS t (r)
GROUP BY 1, 2
-- duckdb
SELECT r.type, r.accountId AS account, count(*) AS calls, count(DISTINCT r.arn) AS resources
FROM (SELECT unnest(resources) AS r FROM events)
GROUP BY 1, 2
-- clickhouse
SELECT r.type, r.accountid AS account, count() AS calls, count(DISTINCT r.arn) AS arns
FROM events ARRAY JOIN resources AS r
GROUP BY 1, 2
