-- name: instance-credentials-from-many-addresses
-- title: Credentials of an instance used elsewhere
-- description: Sessions of EC2 instances (their name is the instance's id) that called from more
--   than one address, with what they called from each of them. An instance has one way out; a
--   second address means that its credentials were taken, for example through a forged request to
--   the metadata service, and are used from somewhere else.
-- severity: high
-- technique: T1552.005
-- false-positives: Instances that call both through a NAT gateway and through VPC endpoints
--   (private addresses), or that got a new public address.
-- next: If an address is not yours, revoke the role's sessions, require IMDSv2, and read
--   principal-timeline of the session.
-- tags: identity, ec2, credential-access
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH calls AS (
  SELECT recipientAccountId AS account, awsRegion, sourceIPAddress, eventName, eventTime, eventID,
    userIdentity.arn AS session
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.type = 'AssumedRole'
    AND userIdentity.principalId LIKE '%:i-%'
    AND regexp_like(sourceIPAddress, '^[0-9a-f.:]+$')
),
moved AS (
  SELECT account, session
  FROM calls
  GROUP BY account, session
  HAVING min(sourceIPAddress) <> max(sourceIPAddress)
)
SELECT c.account,
  c.session,
  count(DISTINCT c.sourceIPAddress) AS addresses,
  array_agg(DISTINCT c.sourceIPAddress ORDER BY c.sourceIPAddress) AS address_list,
  array_agg(DISTINCT c.awsRegion ORDER BY c.awsRegion) AS regions,
  array_agg(DISTINCT c.eventName ORDER BY c.eventName) AS actions,
  count(DISTINCT c.eventID) AS calls,
  min(c.eventTime) AS first_seen,
  max(c.eventTime) AS last_seen
FROM moved m
JOIN calls c ON c.account IS NOT DISTINCT FROM m.account AND c.session IS NOT DISTINCT FROM m.session
GROUP BY c.account, c.session
ORDER BY addresses DESC, last_seen DESC, session, account
