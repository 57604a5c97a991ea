-- name: security-hub-weakened
-- title: Security Hub switched off or made quiet
-- description: Who disabled Security Hub, a standard, a control or the import of findings, cut an
--   account off from its administrator, or made an automation rule (which may suppress findings).
--   Rows with an error are attempts.
-- severity: high
-- technique: T1562.001
-- apis: DisableSecurityHub, BatchDisableStandards, UpdateStandardsControl,
--   BatchUpdateStandardsControlAssociations, DisableImportFindingsForProduct,
--   DisassociateFromAdministratorAccount, DisassociateFromMasterAccount, DisassociateMembers,
--   DeleteMembers, CreateAutomationRule, DisableOrganizationAdminAccount
-- false-positives: Controls that were agreed to be switched off; rules of the security team.
-- next: Switch it on again; read the rule (aws securityhub list-automation-rules).
-- tags: logging, security-hub, defense-evasion
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
  coalesce(element_at(requestParameters, 'StandardsControlArn'), element_at(requestParameters, 'StandardsSubscriptionArns'),
    element_at(requestParameters, 'ProductSubscriptionArn'), element_at(requestParameters, 'RuleName')) AS object_name,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'securityhub.amazonaws.com'
  AND (eventName IN ('DisableSecurityHub', 'BatchDisableStandards', 'DisableImportFindingsForProduct',
      'DisassociateFromAdministratorAccount', 'DisassociateFromMasterAccount', 'DisassociateMembers', 'DeleteMembers',
      'CreateAutomationRule', 'DisableOrganizationAdminAccount')
    OR (eventName = 'UpdateStandardsControl' AND element_at(requestParameters, 'ControlStatus') = 'DISABLED')
    OR (eventName = 'BatchUpdateStandardsControlAssociations'
      AND strpos(element_at(requestParameters, 'StandardsControlAssociationUpdates'), '"DISABLED"') > 0))
ORDER BY event_time DESC, event_id
