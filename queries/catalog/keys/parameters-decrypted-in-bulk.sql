-- name: parameters-decrypted-in-bulk
-- title: Many encrypted parameters read within an hour
-- description: Principals that asked the parameter store of Systems Manager for min_parameters or
--   more values with decryption within one hour of the clock. Names are counted, also those of one
--   call; a path counts as one.
-- severity: medium
-- technique: T1552, T1555.006
-- apis: GetParameter, GetParameters, GetParametersByPath, GetParameterHistory
-- false-positives: Deployments and applications that read all of their parameters at start.
-- next: Rotate what was read if the principal cannot explain it.
-- tags: keys, ssm, credential-access
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_parameters: integer = 20
--     Fewest values in an hour that are listed.
WITH asked AS (
  SELECT DISTINCT eventID, eventTime, recipientAccountId, awsRegion, sourceIPAddress, userAgent,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'path'),
      element_at(requestParameters, 'names')) AS first_name,
    coalesce(json_array_length(element_at(requestParameters, 'names')), 1) AS parameter_count
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ssm.amazonaws.com'
    AND eventName IN ('GetParameter', 'GetParameters', 'GetParametersByPath', 'GetParameterHistory')
    AND element_at(requestParameters, 'withDecryption') = 'true'
    AND errorCode IS NULL
)
SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  principal,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  sum(parameter_count) AS parameters,
  count(*) AS calls,
  min(first_name) AS a_parameter,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM asked
GROUP BY 1, 2, 3, 4, 5, 6
HAVING sum(parameter_count) >= :min_parameters
ORDER BY event_hour DESC, parameters DESC, principal, address, user_agent, account, region
