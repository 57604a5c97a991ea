WITH reading AS (
  SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventTime, eventSource, sourceIPAddress, errorCode,
    coalesce(json_extract_string(requestParameters, '$.secretId'), json_extract_string(requestParameters, '$.secretIdList'),
      json_extract_string(requestParameters, '$.filters'), json_extract_string(requestParameters, '$.name'),
      json_extract_string(requestParameters, '$.names'), json_extract_string(requestParameters, '$.path')) AS request
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND ((eventSource = 'secretsmanager.amazonaws.com' AND eventName IN ('GetSecretValue', 'BatchGetSecretValue'))
      OR (eventSource = 'ssm.amazonaws.com'
        AND eventName IN ('GetParameter', 'GetParameters', 'GetParametersByPath', 'GetParameterHistory')))
)
SELECT principal,
  eventSource AS event_source,
  count(*) AS calls,
  count(DISTINCT request) AS different_requests,
  min(request) AS a_request,
  count(DISTINCT sourceIPAddress) AS addresses,
  count(errorCode) AS errors,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM reading
GROUP BY principal, eventSource
ORDER BY different_requests DESC, calls DESC, principal, event_source
