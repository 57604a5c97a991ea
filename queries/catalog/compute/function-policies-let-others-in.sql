-- name: function-policies-let-others-in
-- title: Functions that others may call
-- description: Permissions on Lambda functions for everybody ("*") or for another account. A
--   function with a back door answers to whoever made it, with the rights of its role. Rows with an
--   error are attempts.
-- severity: high
-- technique: T1098, T1546
-- apis: AddPermission20150331v2, AddLayerVersionPermission20181031
-- false-positives: Functions that vendors and other accounts of yours call: put those into
--   known_accounts.
-- next: Take the statement away (aws lambda remove-permission). Was the function called meanwhile?
--   Invoke is a data event.
-- tags: compute, lambda, cross-account, persistence
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   known_accounts: strings = ''
--     Account ids that may be let in, separated by commas.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(element_at(requestParameters, 'functionName'), element_at(requestParameters, 'layerName')) AS function_name,
  element_at(requestParameters, 'principal') AS let_in,
  element_at(requestParameters, 'action') AS action,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'lambda.amazonaws.com'
  AND (eventName LIKE 'AddPermission%' OR eventName LIKE 'AddLayerVersionPermission%')
  AND (element_at(requestParameters, 'principal') = '*'
    OR (regexp_like(element_at(requestParameters, 'principal'), '^(arn:aws[a-z-]*:(iam|sts)::)?[0-9]{12}(:|$)')
      AND strpos(element_at(requestParameters, 'principal'), recipientAccountId) = 0
      AND regexp_extract(element_at(requestParameters, 'principal'), '[0-9]{12}') NOT IN (:known_accounts)))
ORDER BY event_time DESC, event_id
