WITH asked AS (
  SELECT DISTINCT eventID, eventTime, recipientAccountId, awsRegion, sourceIPAddress, userAgent,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    coalesce(json_extract_string(requestParameters, '$.name'), json_extract_string(requestParameters, '$.path'),
      json_extract_string(requestParameters, '$.names')) AS first_name,
    coalesce(json_array_length(requestParameters, '$.names')::BIGINT, 1) AS parameter_count
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ssm.amazonaws.com'
    AND eventName IN ('GetParameter', 'GetParameters', 'GetParametersByPath', 'GetParameterHistory')
    AND json_extract_string(requestParameters, '$.withDecryption') = 'true'
    AND errorCode IS NULL
)
SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  principal,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  sum(parameter_count)::BIGINT AS parameters,
  count(*) AS calls,
  min(first_name) AS a_parameter,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM asked
GROUP BY 1, 2, 3, 4, 5, 6
HAVING sum(parameter_count) >= :min_parameters
ORDER BY event_hour DESC, parameters DESC, principal, address, user_agent, account, region
