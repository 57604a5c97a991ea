-- name: config-weakened
-- title: AWS Config stopped or changed
-- description: Who stopped or deleted the recorder of AWS Config, its delivery, its rules or packs,
--   or changed what it records or where that goes. Without it nobody sees how a resource looked
--   before. Rows with an error are attempts.
-- severity: high
-- technique: T1562.001
-- apis: StopConfigurationRecorder, DeleteConfigurationRecorder, DeleteDeliveryChannel,
--   PutConfigurationRecorder, PutDeliveryChannel, DeleteConfigRule, DeleteOrganizationConfigRule,
--   DeleteConformancePack, DeleteConfigurationAggregator, DeleteRemediationConfiguration,
--   PutRetentionConfiguration
-- false-positives: Control Tower and infrastructure code, which own the recorder in most accounts.
-- next: Start it again (aws configservice start-configuration-recorder). Changes in between are
--   only in CloudTrail: changes-by-principal.
-- tags: logging, config, defense-evasion, cis
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
  coalesce(element_at(requestParameters, 'configurationRecorderName'), element_at(requestParameters, 'deliveryChannelName'),
    element_at(requestParameters, 'configRuleName'), element_at(requestParameters, 'conformancePackName'),
    json_extract_scalar(element_at(requestParameters, 'configurationRecorder'), '$.name'),
    json_extract_scalar(element_at(requestParameters, 'deliveryChannel'), '$.name')) AS object_name,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'config.amazonaws.com'
  AND eventName IN ('StopConfigurationRecorder', 'DeleteConfigurationRecorder', 'DeleteDeliveryChannel',
      'PutConfigurationRecorder', 'PutDeliveryChannel', 'DeleteConfigRule', 'DeleteOrganizationConfigRule',
      'DeleteConformancePack', 'DeleteConfigurationAggregator', 'DeleteRemediationConfiguration',
      'PutRetentionConfiguration')
ORDER BY event_time DESC, event_id
