SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.targetPrincipal') AS target_account,
  json_extract_string(requestParameters, '$.taskPolicyArn.arn') AS task_policy,
  json_extract_string(responseElements, '$.credentials.accessKeyId') AS issued_key,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND ((eventSource = 'sts.amazonaws.com' AND eventName = 'AssumeRoot')
    OR (eventSource = 'iam.amazonaws.com' AND eventName IN ('EnableOrganizationsRootCredentialsManagement', 'EnableOrganizationsRootSessions',
        'DisableOrganizationsRootCredentialsManagement', 'DisableOrganizationsRootSessions')))
ORDER BY event_time DESC, event_id
