-- name: function-urls-without-authentication
-- title: Functions with an open URL
-- description: Lambda functions that got a URL which everybody may call (authType NONE). A cheap
--   back door: an HTTPS address of AWS that runs code with the role of the function. Rows with
--   an error are attempts.
-- severity: medium
-- technique: T1648, T1133
-- apis: CreateFunctionUrlConfig, UpdateFunctionUrlConfig
-- false-positives: Web hooks and sites that check their callers themselves.
-- next: Read the function's code. Delete the URL (aws lambda delete-function-url-config), or set
--   its type to AWS_IAM.
-- tags: compute, lambda, persistence, network
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
  element_at(responseElements, 'functionUrl') AS url,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'lambda.amazonaws.com'
  AND (eventName LIKE 'CreateFunctionUrlConfig%' OR eventName LIKE 'UpdateFunctionUrlConfig%')
  AND element_at(requestParameters, 'authType') = 'NONE'
ORDER BY event_time DESC, event_id
