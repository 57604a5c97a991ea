-- name: guardduty-weakened
-- title: GuardDuty switched off or made to look away
-- description: Everything that makes GuardDuty see or tell less: detectors deleted or disabled,
--   members cut off, findings archived, filters that archive what comes, lists of addresses that it
--   is to trust. effect says which. Trusting an address is the quiet way: nothing from there is
--   ever reported again. Rows with an error are attempts.
-- severity: critical
-- technique: T1562.001
-- apis: DeleteDetector, UpdateDetector, DisassociateFromMasterAccount,
--   DisassociateFromAdministratorAccount, DisassociateMembers, StopMonitoringMembers,
--   DeleteMembers, DeletePublishingDestination, CreateFilter, UpdateFilter, CreateIPSet,
--   UpdateIPSet, ArchiveFindings, DisableOrganizationAdminAccount
-- false-positives: Filters and lists that the security team keeps as code.
-- next: Undo it, then look at what happened since with the eyes of GuardDuty closed:
--   principal-timeline of the actor, address-timeline of trusted addresses.
-- tags: logging, guardduty, defense-evasion
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
  CASE WHEN eventName IN ('DeleteDetector', 'UpdateDetector') THEN 'detection off'
    WHEN eventName IN ('CreateIPSet', 'UpdateIPSet') THEN 'address trusted'
    WHEN eventName IN ('CreateFilter', 'UpdateFilter', 'ArchiveFindings') THEN 'findings hidden'
    WHEN eventName = 'DeletePublishingDestination' THEN 'export off'
    ELSE 'account cut off' END AS effect,
  coalesce(element_at(requestParameters, 'name'), element_at(requestParameters, 'detectorId')) AS object_name,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'guardduty.amazonaws.com'
  AND (eventName IN ('DeleteDetector', 'DisassociateFromMasterAccount', 'DisassociateFromAdministratorAccount',
      'DisassociateMembers', 'StopMonitoringMembers', 'DeleteMembers', 'DeletePublishingDestination', 'ArchiveFindings',
      'DisableOrganizationAdminAccount')
    OR (eventName = 'UpdateDetector' AND element_at(requestParameters, 'enable') = 'false')
    OR (eventName IN ('CreateFilter', 'UpdateFilter') AND element_at(requestParameters, 'action') = 'ARCHIVE')
    OR (eventName IN ('CreateIPSet', 'UpdateIPSet') AND element_at(requestParameters, 'activate') = 'true'))
ORDER BY event_time DESC, event_id
