SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.CreateTrafficMirrorSessionRequest.NetworkInterfaceId') AS interface,
  coalesce(json_extract_string(requestParameters, '$.CreateTrafficMirrorSessionRequest.TrafficMirrorTargetId'),
    json_extract_string(requestParameters, '$.CreateTrafficMirrorTargetRequest.NetworkInterfaceId'),
    json_extract_string(requestParameters, '$.CreateTrafficMirrorTargetRequest.NetworkLoadBalancerArn')) AS target,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('CreateTrafficMirrorSession', 'CreateTrafficMirrorTarget', 'CreateTrafficMirrorFilter',
      'CreateTrafficMirrorFilterRule', 'ModifyTrafficMirrorSession')
ORDER BY event_time DESC, event_id
