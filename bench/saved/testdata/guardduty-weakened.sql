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
  coalesce(json_extract_string(requestParameters, '$.name'), json_extract_string(requestParameters, '$.detectorId')) AS object_name,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'guardduty.amazonaws.com'
  AND (eventName IN ('DeleteDetector', 'DisassociateFromMasterAccount', 'DisassociateFromAdministratorAccount',
      'DisassociateMembers', 'StopMonitoringMembers', 'DeleteMembers', 'DeletePublishingDestination', 'ArchiveFindings',
      'DisableOrganizationAdminAccount')
    OR (eventName = 'UpdateDetector' AND json_extract_string(requestParameters, '$.enable') = 'false')
    OR (eventName IN ('CreateFilter', 'UpdateFilter') AND json_extract_string(requestParameters, '$.action') = 'ARCHIVE')
    OR (eventName IN ('CreateIPSet', 'UpdateIPSet') AND json_extract_string(requestParameters, '$.activate') = 'true'))
ORDER BY event_time DESC, event_id
