SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.configurationRecorderName'), json_extract_string(requestParameters, '$.deliveryChannelName'),
    json_extract_string(requestParameters, '$.configRuleName'), json_extract_string(requestParameters, '$.conformancePackName'),
    json_extract_string(requestParameters, '$.configurationRecorder.name'),
    json_extract_string(requestParameters, '$.deliveryChannel.name')) AS object_name,
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
