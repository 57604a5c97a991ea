-- name: windows-passwords-read
-- title: Passwords of Windows machines asked for
-- description: Principals that asked for the administrator's password of Windows instances: how
--   often, for how many instances, how often in vain. Administrators need it once for a machine;
--   somebody who goes through all machines is collecting.
-- severity: high
-- technique: T1552
-- apis: GetPasswordData
-- false-positives: The first set-up of a Windows machine.
-- next: Many instances in a short time: disable the principal, and change the passwords that it
--   got.
-- tags: compute, ec2, credential-access
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT element_at(requestParameters, 'instanceId')) AS instances,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failures,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName = 'GetPasswordData'
GROUP BY 1, 2, 3, 4
ORDER BY instances DESC, calls DESC, principal, address, account, region
