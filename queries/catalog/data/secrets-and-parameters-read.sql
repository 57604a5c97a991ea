-- name: secrets-and-parameters-read
-- title: Who reads secrets and parameters
-- description: Principals that read values from Secrets Manager and from the parameter store of
--   Systems Manager: how many times, by how many different requests (for a secret, a list of them,
--   a parameter, a path), from how many addresses. An application reads its own few secrets over
--   and over; somebody who looks around reads many different ones once. Roles count as one
--   principal. The values are never in the logs.
-- severity: medium
-- technique: T1555.006
-- apis: GetSecretValue, BatchGetSecretValue, GetParameter, GetParameters, GetParametersByPath,
--   GetParameterHistory
-- false-positives: Deployment tools that read all parameters of a path; backup and rotation
--   functions. Parameters that are not secret count as well: the log does not say which are.
-- next: For a principal with many different requests, or with an address that is not its
--   machine's, see principal-timeline. Rotate every secret that it got.
-- tags: data, secrets, credential-access
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH reading AS (
  SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    eventTime, eventSource, sourceIPAddress, errorCode,
    coalesce(element_at(requestParameters, 'secretId'), element_at(requestParameters, 'secretIdList'),
      element_at(requestParameters, 'filters'), element_at(requestParameters, 'name'), element_at(requestParameters, 'names'),
      element_at(requestParameters, 'path')) AS request
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
