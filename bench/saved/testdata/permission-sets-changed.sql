SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.permissionSetArn'), json_extract_string(requestParameters, '$.name')) AS permission_set,
  json_extract_string(requestParameters, '$.managedPolicyArn') AS managed_policy,
  json_extract_string(requestParameters, '$.sessionDuration') AS session_duration,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'sso.amazonaws.com'
  AND eventName IN ('CreatePermissionSet', 'UpdatePermissionSet', 'DeletePermissionSet',
      'AttachManagedPolicyToPermissionSet', 'DetachManagedPolicyFromPermissionSet',
      'AttachCustomerManagedPolicyReferenceToPermissionSet',
      'DetachCustomerManagedPolicyReferenceFromPermissionSet', 'PutInlinePolicyToPermissionSet',
      'DeleteInlinePolicyFromPermissionSet', 'PutPermissionsBoundaryToPermissionSet',
      'DeletePermissionsBoundaryFromPermissionSet')
ORDER BY event_time DESC, event_id
