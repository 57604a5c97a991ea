-- name: logging-tampering
-- title: Logging and detection switched off or changed
-- description: Calls that stop, delete or weaken what would show an intruder: CloudTrail trails
--   and event data stores, AWS Config, VPC flow logs, log groups, GuardDuty, Security Hub, Access
--   Analyzer, CloudWatch alarms. effect sorts them. Rows with an error are attempts, and no less
--   telling. An event that was delivered several times is shown once.
-- severity: critical
-- technique: T1562.008, T1562.001
-- apis: StopLogging, DeleteTrail, DeleteEventDataStore, StopEventDataStoreIngestion,
--   StopConfigurationRecorder, DeleteConfigurationRecorder, DeleteDeliveryChannel, DeleteFlowLogs,
--   UpdateTrail, PutEventSelectors, PutInsightSelectors, UpdateEventDataStore,
--   DeregisterOrganizationDelegatedAdmin, DeleteLogGroup, DeleteLogStream, PutRetentionPolicy,
--   DeleteDetector, UpdateDetector, DisassociateFromMasterAccount,
--   DisassociateFromAdministratorAccount, StopMonitoringMembers, DeleteMembers, DisableSecurityHub,
--   DeleteAnalyzer, DeleteAlarms, DisableAlarmActions
-- false-positives: Infrastructure code that manages trails; environments that are torn down with
--   their log groups and alarms (logs deleted, detection stopped by a deployment role).
-- next: Switch it on again first (aws cloudtrail start-logging), ask afterwards. Then read
--   principal-timeline of the actor, beginning an hour before. Logs that were stopped leave a hole:
--   delivery-by-day shows it.
-- tags: changes, defense-evasion, cloudtrail, cis
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH judged AS (
  SELECT eventTime AS event_time,
    recipientAccountId AS account,
    awsRegion AS region,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    sourceIPAddress AS address,
    eventSource AS event_source,
    eventName AS event_name,
    errorCode AS error,
    eventID AS event_id,
    CASE
      WHEN (eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('StopLogging', 'DeleteTrail', 'DeleteEventDataStore',
          'StopEventDataStoreIngestion'))
        OR (eventSource = 'config.amazonaws.com' AND eventName IN ('StopConfigurationRecorder', 'DeleteConfigurationRecorder',
          'DeleteDeliveryChannel'))
        OR (eventSource = 'ec2.amazonaws.com' AND eventName IN ('DeleteFlowLogs'))
        THEN 'logging stopped'
      WHEN (eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('UpdateTrail', 'PutEventSelectors', 'PutInsightSelectors',
          'UpdateEventDataStore', 'DeregisterOrganizationDelegatedAdmin'))
        THEN 'logging changed'
      WHEN (eventSource = 'logs.amazonaws.com' AND eventName IN ('DeleteLogGroup', 'DeleteLogStream', 'PutRetentionPolicy'))
        THEN 'logs deleted'
      WHEN (eventSource = 'guardduty.amazonaws.com' AND eventName IN ('DeleteDetector', 'UpdateDetector', 'DisassociateFromMasterAccount',
          'DisassociateFromAdministratorAccount', 'StopMonitoringMembers', 'DeleteMembers'))
        OR (eventSource = 'securityhub.amazonaws.com' AND eventName IN ('DisableSecurityHub', 'DisassociateFromAdministratorAccount'))
        OR (eventSource = 'access-analyzer.amazonaws.com' AND eventName IN ('DeleteAnalyzer'))
        OR (eventSource = 'monitoring.amazonaws.com' AND eventName IN ('DeleteAlarms', 'DisableAlarmActions'))
        THEN 'detection stopped'
    END AS effect
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource IN ('cloudtrail.amazonaws.com', 'config.amazonaws.com', 'ec2.amazonaws.com', 'logs.amazonaws.com',
      'guardduty.amazonaws.com', 'securityhub.amazonaws.com', 'access-analyzer.amazonaws.com', 'monitoring.amazonaws.com')
    AND eventName IN ('DeleteAlarms', 'DeleteAnalyzer', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel', 'DeleteDetector',
      'DeleteEventDataStore', 'DeleteFlowLogs', 'DeleteLogGroup', 'DeleteLogStream', 'DeleteMembers', 'DeleteTrail',
      'DeregisterOrganizationDelegatedAdmin', 'DisableAlarmActions', 'DisableSecurityHub', 'DisassociateFromAdministratorAccount',
      'DisassociateFromMasterAccount', 'PutEventSelectors', 'PutInsightSelectors', 'PutRetentionPolicy', 'StopConfigurationRecorder',
      'StopEventDataStoreIngestion', 'StopLogging', 'StopMonitoringMembers', 'UpdateDetector', 'UpdateEventDataStore', 'UpdateTrail')
)
SELECT DISTINCT event_time, effect, account, region, actor, address, event_source, event_name, error, event_id
FROM judged
WHERE effect IS NOT NULL
ORDER BY event_time DESC, event_id
