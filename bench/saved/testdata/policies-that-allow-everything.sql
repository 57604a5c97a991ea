SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.userName'), json_extract_string(requestParameters, '$.groupName'), json_extract_string(requestParameters, '$.roleName'),
    json_extract_string(requestParameters, '$.policyArn'), json_extract_string(requestParameters, '$.policyName')) AS target,
  json_extract_string(requestParameters, '$.policyName') AS policy_name,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('PutUserPolicy', 'PutGroupPolicy', 'PutRolePolicy', 'CreatePolicy', 'CreatePolicyVersion')
  AND regexp_matches(replace(replace(replace(json_extract_string(requestParameters, '$.policyDocument'), ' ', ''), chr(10), ''), chr(9), ''),
    '"Action":("(\*|iam:\*|\*:\*)"|\[([^]]*,)?"(\*|iam:\*|\*:\*)"[],])')
  AND strpos(replace(replace(replace(json_extract_string(requestParameters, '$.policyDocument'), ' ', ''), chr(10), ''), chr(9), ''), '"Effect":"Allow"') > 0
ORDER BY event_time DESC, event_id
