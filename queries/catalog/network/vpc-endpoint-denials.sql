-- name: vpc-endpoint-denials
-- title: Calls that a VPC endpoint refused
-- description: Calls through a VPC endpoint that its policy denied, by caller and service. A
--   caller of an account that is not yours, from inside of your network, is somebody who brought
--   foreign credentials along to carry data out: what endpoint policies are for. Network
--   activity events must be switched on in the trail.
-- severity: medium
-- technique: T1537
-- false-positives: A policy that forgets a bucket of AWS or of a partner, such as those of
--   package repositories.
-- next: Is caller_account yours? If not, find the machine by its address in the flow logs. If it
--   is, widen the policy.
-- tags: network, exfiltration, vpc
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT vpcEndpointId AS vpc_endpoint,
  vpcEndpointAccountId AS endpoint_account,
  coalesce(userIdentity.accountId, 'unknown') AS caller_account,
  coalesce(userIdentity.arn, userIdentity.principalId, userIdentity.accountId, 'unknown') AS caller,
  eventSource AS event_source,
  array_agg(DISTINCT eventName ORDER BY eventName) AS event_names,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  count(DISTINCT eventID) AS denials,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventCategory = 'NetworkActivity'
  AND errorCode = 'VpceAccessDenied'
GROUP BY 1, 2, 3, 4, 5
ORDER BY denials DESC, last_seen DESC, vpc_endpoint, caller, event_source, endpoint_account, caller_account
