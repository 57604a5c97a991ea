-- name: direct-vm-connections
-- title: Shells on machines through the API
-- description: Connections to machines that AWS itself makes: EC2 Instance Connect, the serial
--   console, sessions of Systems Manager. They need a permission and no key, no open port and no
--   address, so that no firewall sees them. Rows with an error are attempts.
-- severity: medium
-- technique: T1021.008
-- apis: SendSSHPublicKey, SendSerialConsoleSSHPublicKey, EnableSerialConsoleAccess, OpenTunnel,
--   StartSession, ResumeSession
-- false-positives: Administrators, where this is the way to a machine.
-- next: Ask who it was; sessions of Systems Manager may be recorded (aws ssm describe-sessions
--   --state History). Commands without a shell are in commands-run-on-instances.
-- tags: compute, ec2, ssm, lateral-movement
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
  coalesce(element_at(requestParameters, 'instanceId'), element_at(requestParameters, 'target'), element_at(requestParameters, 'sessionId'),
    element_at(requestParameters, 'instanceConnectEndpointId')) AS target,
  element_at(requestParameters, 'instanceOSUser') AS os_user,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (eventSource = 'ec2-instance-connect.amazonaws.com' AND eventName IN ('SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey', 'OpenTunnel')
    OR eventSource = 'ec2.amazonaws.com' AND eventName = 'EnableSerialConsoleAccess'
    OR eventSource = 'ssm.amazonaws.com' AND eventName IN ('StartSession', 'ResumeSession'))
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
ORDER BY event_time DESC, event_id
