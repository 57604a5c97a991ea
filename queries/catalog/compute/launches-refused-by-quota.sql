-- name: launches-refused-by-quota
-- title: Launches of machines refused by a quota
-- description: Principals whose launch of instances failed because a quota was reached, by type of
--   machine. Miners with a stolen key start the largest machines that there are, in every region,
--   until the quota says no.
-- severity: medium
-- technique: T1496.001
-- apis: RunInstances, CreateFleet, RequestSpotInstances
-- false-positives: Scaling that has grown past its quota: always the same type.
-- next: Types with many processors or graphics cards that you never use: disable the principal,
--   look in activity-in-unexpected-regions.
-- tags: compute, ec2, impact, cost
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  coalesce(element_at(requestParameters, 'instanceType'), 'unknown') AS instance_type,
  errorCode AS error,
  count(DISTINCT eventID) AS refused,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND eventName IN ('RunInstances', 'CreateFleet', 'RequestSpotInstances')
  AND (errorCode LIKE '%LimitExceeded' OR errorCode LIKE '%MaxSpotInstanceCountExceeded')
GROUP BY 1, 2, 3, 4, 5
ORDER BY refused DESC, last_seen DESC, principal, instance_type, error, account, region
