# Whole queries in the manner of published ones for CloudTrail Lake and Athena. Empty
# lines separate them.
SELECT eventID, eventName, eventSource, eventTime FROM $EDS_ID WHERE userIdentity.arn = 'arn:aws:iam::111122223333:user/Alice' AND eventTime > '2024-01-01 00:00:00' AND eventTime < '2024-02-01 00:00:00';

SELECT eventSource, count(*) AS apiCount FROM 3e5e2676-9fce-46ef-8142-3e36a94e6691 WHERE eventTime > '2024-04-12 00:00:00' GROUP BY eventSource ORDER BY apiCount DESC

/* callers of a bucket */
SELECT element_at(requestParameters, 'bucketName') AS bucket, userIdentity.principalId, count(*) -- all
FROM trail
WHERE eventName IN ('GetObject', 'PutObject') AND element_at(requestParameters, 'bucketName') LIKE 'logs-%'
GROUP BY element_at(requestParameters, 'bucketName'), useridentity.principalid
HAVING count(*) > 5 ORDER BY 3 DESC LIMIT 10

SELECT recipientAccountId, awsRegion, eventName, if(readOnly, 'read', 'write') AS kind, approx_distinct(userIdentity.arn) FROM trail WHERE eventTime > date_add('week', -1, current_timestamp) GROUP BY 1, 2, 3, 4

SELECT rt.tags, count(*) FROM trail, UNNEST(eventContext.tagContext.resourceTags) AS rt GROUP BY rt.tags

SELECT eventTime, resource.arn FROM trail CROSS JOIN UNNEST(resources) AS t (resource) WHERE resource.type = 'AWS::S3::Bucket'

SELECT * FROM (SELECT eventName, awsRegion, rank() OVER (PARTITION BY awsRegion ORDER BY count(*) DESC) AS rnk FROM trail GROUP BY eventName, awsRegion) WHERE rnk = 1

WITH logins AS (
  SELECT userIdentity.userName AS who, eventTime AS at, json_extract_scalar(eventJson, '$.additionalEventData.MFAUsed') AS mfa
  FROM trail WHERE eventName = 'ConsoleLogin' AND errorCode IS NULL
), failed AS (
  SELECT userIdentity.userName AS who, count(*) AS n, max(eventTime) AS last FROM trail WHERE eventName = 'ConsoleLogin' AND errorMessage = 'Failed authentication' GROUP BY userIdentity.userName
)
SELECT l.who, l.at, l.mfa, coalesce(f.n, 0) AS failures FROM logins l LEFT JOIN failed f ON l.who = f.who AND f.last < l.at ORDER BY l.at

SELECT date_format(eventTime, '%Y/%m/%d') AS day, count(DISTINCT sourceIPAddress) FROM trail WHERE contains(ARRAY['10.0.0.0/8'], 'x') = false GROUP BY date_format(eventTime, '%Y/%m/%d') ORDER BY day

SELECT eventID FROM trail WHERE json_extract_scalar(requestParameters, '$.bucketName') = 'x' AND cardinality(resources) > 0 AND NOT (errorCode LIKE '%Denied' OR errorCode IS NULL)

SELECT transform(filter(map_values(CAST(json_extract(json_parse(eventJson), '$.requestParameters') AS map(varchar, json))), p -> CAST(p AS varchar) = 'x'), p -> json_format(p)) FROM trail

SELECT userIdentity.sessionContext.sessionIssuer.userName, day_of_week(eventTime) AS d, count_if(errorCode IS NOT NULL) FROM trail GROUP BY userIdentity.sessionContext.sessionIssuer.userName, day_of_week(eventTime)

SELECT eventName FROM trail UNION SELECT eventName FROM other EXCEPT SELECT 'x' ORDER BY eventname LIMIT 3

SELECT a.eventName, b.eventName FROM trail AS a INNER JOIN other AS b ON a.sharedEventID = b.sharedEventID AND a.recipientAccountId <> b.recipientAccountId

SELECT awsRegion, eventSource, count(*) AS n, grouping(awsRegion, eventSource) AS level FROM trail GROUP BY ROLLUP (awsRegion, eventSource) ORDER BY level, n DESC

SELECT eventID, try_cast(element_at(requestParameters, 'durationSeconds') AS integer) / 60 AS minutes FROM trail WHERE eventName = 'AssumeRole'

SELECT listagg(DISTINCT eventName, ', ') WITHIN GROUP (ORDER BY eventName), array_agg(eventID ORDER BY eventTime DESC)[1], max_by(eventName, eventTime), min_by(sourceIPAddress, eventTime) FROM trail

SELECT eventTime AT TIME ZONE 'Europe/Berlin', to_unixtime(eventTime), from_unixtime(0), date_diff('day', eventTime, now()) FROM trail

SELECT eventName, eventTime - lag(eventTime) OVER (PARTITION BY userIdentity.arn ORDER BY eventTime) AS gap FROM trail

SELECT sessionCredentialFromConsole FROM trail WHERE sessionCredentialFromConsole = true OR readOnly = False

SELECT requestParameters, count(*) FROM trail GROUP BY requestParameters

SELECT replace(eventSource, '.amazonaws.com') AS service, regexp_extract(userAgent, '^([^/]+)/', 1) AS agent FROM trail WHERE regexp_like(userAgent, '(?i)boto|cli')

SELECT eventName FROM trail t WHERE NOT EXISTS (SELECT 1 FROM other o WHERE o.eventID = t.eventID) AND eventTime >= (SELECT max(eventTime) - INTERVAL '1' DAY FROM trail)

SELECT k, count(*) FROM trail CROSS JOIN UNNEST(map_keys(requestParameters)) AS u (k) GROUP BY k

SELECT reduce(transform(resources, r -> length(r.arn)), 0, (s, x) -> s + x, s -> s) FROM trail

WITH RECURSIVE hours (h) AS (SELECT TIMESTAMP '2024-05-01 00:00:00.000' UNION ALL SELECT h + INTERVAL '1' HOUR FROM hours WHERE h < TIMESTAMP '2024-05-01 23:00:00')
SELECT h, count(t.eventID) FROM hours LEFT JOIN trail t ON date_trunc('hour', t.eventTime) = h GROUP BY h ORDER BY h
