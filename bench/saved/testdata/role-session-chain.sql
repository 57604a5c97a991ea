WITH issued AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, eventID,
    userIdentity.accessKeyId AS from_key,
    coalesce(json_extract_string(requestParameters, '$.roleArn'), json_extract_string(requestParameters, '$.targetPrincipal')) AS role_arn,
    coalesce(json_extract_string(requestParameters, '$.roleSessionName'), json_extract_string(requestParameters, '$.name')) AS session_name,
    json_extract_string(responseElements, '$.credentials.accessKeyId') AS to_key
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'sts.amazonaws.com'
    AND eventName IN ('AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity', 'AssumeRoot', 'GetSessionToken',
      'GetFederationToken')
    AND errorCode IS NULL
),
step1 AS (SELECT 1 AS depth, i.* FROM issued i WHERE i.from_key = :key),
step2 AS (SELECT 2 AS depth, i.* FROM issued i WHERE i.from_key IN (SELECT to_key FROM step1)),
step3 AS (SELECT 3 AS depth, i.* FROM issued i WHERE i.from_key IN (SELECT to_key FROM step2)),
step4 AS (SELECT 4 AS depth, i.* FROM issued i WHERE i.from_key IN (SELECT to_key FROM step3)),
chain AS (
  SELECT * FROM step1 UNION ALL SELECT * FROM step2 UNION ALL SELECT * FROM step3 UNION ALL SELECT * FROM step4
),
made AS (
  SELECT userIdentity.accessKeyId AS call_key,
    count(DISTINCT eventID) AS calls,
    count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS errors
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.accessKeyId IN (SELECT to_key FROM chain)
  GROUP BY userIdentity.accessKeyId
)
SELECT c.depth,
  c.eventTime AS event_time,
  c.recipientAccountId AS account,
  c.awsRegion AS region,
  c.eventName AS event_name,
  c.from_key,
  c.sourceIPAddress AS address,
  c.role_arn,
  c.session_name,
  c.to_key,
  coalesce(m.calls, 0) AS calls,
  coalesce(m.errors, 0) AS errors,
  c.eventID AS event_id
FROM chain c
LEFT JOIN made m ON m.call_key = c.to_key
ORDER BY depth, event_time, event_id
