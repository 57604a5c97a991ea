SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.StandardsControlArn'), json_extract_string(requestParameters, '$.StandardsSubscriptionArns'),
    json_extract_string(requestParameters, '$.ProductSubscriptionArn'), json_extract_string(requestParameters, '$.RuleName')) AS object_name,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'securityhub.amazonaws.com'
  AND (eventName IN ('DisableSecurityHub', 'BatchDisableStandards', 'DisableImportFindingsForProduct',
      'DisassociateFromAdministratorAccount', 'DisassociateFromMasterAccount', 'DisassociateMembers', 'DeleteMembers',
      'CreateAutomationRule', 'DisableOrganizationAdminAccount')
    OR (eventName = 'UpdateStandardsControl' AND json_extract_string(requestParameters, '$.ControlStatus') = 'DISABLED')
    OR (eventName = 'BatchUpdateStandardsControlAssociations'
      AND strpos(json_extract_string(requestParameters, '$.StandardsControlAssociationUpdates'), '"DISABLED"') > 0))
ORDER BY event_time DESC, event_id
