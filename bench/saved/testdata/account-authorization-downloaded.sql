SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  userAgent AS user_agent,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('GetAccountAuthorizationDetails', 'GenerateCredentialReport', 'GetCredentialReport')
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
ORDER BY event_time DESC, event_id
