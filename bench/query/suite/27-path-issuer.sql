-- group: eventJson paths
-- title: calls by the role of the session, as a path into the record
SELECT json_extract_scalar(eventJson, '$.userIdentity.sessionContext.sessionIssuer.userName') AS issuer, json_extract_scalar(eventJson, '$.awsRegion') AS region, count(*) AS calls
FROM events
GROUP BY 1, 2
-- duckdb
SELECT userIdentity.sessionContext.sessionIssuer.userName AS issuer, awsRegion AS region, count(*) AS calls
FROM events
GROUP BY 1, 2
-- clickhouse
SELECT useridentity.sessioncontext.sessionissuer.username AS issuer, awsregion AS region, count() AS calls
FROM events
GROUP BY 1, 2
