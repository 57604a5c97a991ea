-- name: function-code-changed
-- title: Code of functions replaced
-- description: Who replaced the code of a Lambda function or the layers that it loads. Code put
--   into a function runs with its role, whenever it is called, and sees all that passes through it.
--   Rows with an error are attempts.
-- severity: medium
-- technique: T1648, T1525
-- apis: UpdateFunctionCode20150331v2, UpdateFunctionConfiguration20150331v2
-- false-positives: Deployments, always by the same role.
-- next: Was it a deployment? Otherwise compare the code (aws lambda get-function) with your
--   repository, and publish the right one.
-- tags: compute, lambda, persistence
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  element_at(requestParameters, 'functionName') AS function_name,
  element_at(responseElements, 'codeSha256') AS code_sha256,
  element_at(requestParameters, 'layers') AS layers,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'lambda.amazonaws.com'
  AND (eventName LIKE 'UpdateFunctionCode%'
    OR (eventName LIKE 'UpdateFunctionConfiguration%' AND element_at(requestParameters, 'layers') IS NOT NULL))
  AND element_at(requestParameters, 'dryRun') IS DISTINCT FROM 'true'
ORDER BY event_time DESC, event_id
