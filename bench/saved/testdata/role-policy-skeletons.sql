WITH used AS (
  SELECT recipientAccountId AS account,
    userIdentity.sessionContext.sessionIssuer.arn AS role,
    CASE regexp_replace(eventSource, '[.]amazonaws[.]com$', '', 'g')
      WHEN 'monitoring' THEN 'cloudwatch'
      WHEN 'email' THEN 'ses'
      ELSE regexp_replace(eventSource, '[.]amazonaws[.]com$', '', 'g')
    END || ':' || CASE
      WHEN eventSource = 's3.amazonaws.com' AND eventName IN ('ListObjects', 'ListObjectsV2', 'HeadBucket') THEN 'ListBucket'
      WHEN eventSource = 's3.amazonaws.com' AND eventName = 'HeadObject' THEN 'GetObject'
      WHEN eventSource = 'lambda.amazonaws.com' AND eventName = 'Invoke' THEN 'InvokeFunction'
      ELSE regexp_replace(eventName, '20[0-9]{6}(v[0-9]+)?$', '', 'g')
    END AS action,
    coalesce((errorCode LIKE '%AccessDenied%' OR errorCode LIKE '%Unauthorized%' OR errorCode LIKE '%NotAuthorized%'), false) AS denied,
    eventID
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.sessionContext.sessionIssuer.type = 'Role'
    AND (:role = '' OR userIdentity.sessionContext.sessionIssuer.arn = :role)
    AND eventType = 'AwsApiCall'
)
SELECT account,
  role,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN NOT denied THEN action END) AS actions,
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["'
    || array_to_string(array_agg(DISTINCT action ORDER BY action) FILTER (WHERE NOT denied), '","')
    || '"],"Resource":"*"}]}' AS policy,
  array_agg(DISTINCT action ORDER BY action) FILTER (WHERE denied) AS denied_actions
FROM used
GROUP BY account, role
HAVING count(*) FILTER (WHERE NOT denied) > 0
ORDER BY actions DESC, role, account
