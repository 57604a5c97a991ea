-- name: direct-vm-connections
-- title: Ways onto machines through the API
-- description: Ways onto machines that need a permission and no key of their owner's: keys that EC2
--   Instance Connect puts there for a minute, tunnels of its endpoints, the serial console,
--   sessions of Systems Manager. A session needs no open port either, and with another document
--   than that for shells it forwards ports. Rows with an error are attempts.
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
  coalesce(element_at(requestParameters, 'instanceId'), element_at(requestParameters, 'target'),
    element_at(requestParameters, 'privateIpAddress'), element_at(requestParameters, 'sessionId')) AS target,
  element_at(requestParameters, 'instanceOSUser') AS os_user,
  element_at(requestParameters, 'documentName') AS document,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (eventSource = 'ec2-instance-connect.amazonaws.com' AND eventName IN ('SendSSHPublicKey', 'SendSerialConsoleSSHPublicKey', 'OpenTunnel')
    OR eventSource = 'ec2.amazonaws.com' AND eventName = 'EnableSerialConsoleAccess'
    OR eventSource = 'ssm.amazonaws.com' AND eventName IN ('StartSession', 'ResumeSession'))
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
ORDER BY event_time DESC, event_id
