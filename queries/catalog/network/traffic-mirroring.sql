-- name: traffic-mirroring
-- title: Traffic copied by mirroring
-- description: Who set up the mirroring of a network interface: a copy of all its packets goes to
--   another machine. Made for intrusion detection, and as good for reading along. Rows with an
--   error are attempts.
-- severity: high
-- technique: T1020.001, T1040
-- apis: CreateTrafficMirrorSession, CreateTrafficMirrorTarget, CreateTrafficMirrorFilter,
--   CreateTrafficMirrorFilterRule, ModifyTrafficMirrorSession
-- false-positives: A network sensor of your own security team.
-- next: Where is the target, and whose? Delete the session (aws ec2 delete-traffic-mirror-session)
--   if nobody knows.
-- tags: network, vpc, collection
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
  json_extract_scalar(element_at(requestParameters, 'CreateTrafficMirrorSessionRequest'), '$.NetworkInterfaceId') AS interface,
  coalesce(json_extract_scalar(element_at(requestParameters, 'CreateTrafficMirrorSessionRequest'), '$.TrafficMirrorTargetId'),
    json_extract_scalar(element_at(requestParameters, 'CreateTrafficMirrorTargetRequest'), '$.NetworkInterfaceId'),
    json_extract_scalar(element_at(requestParameters, 'CreateTrafficMirrorTargetRequest'), '$.NetworkLoadBalancerArn')) AS target,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('CreateTrafficMirrorSession', 'CreateTrafficMirrorTarget', 'CreateTrafficMirrorFilter',
      'CreateTrafficMirrorFilterRule', 'ModifyTrafficMirrorSession')
ORDER BY event_time DESC, event_id
