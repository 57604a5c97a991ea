-- name: activity-in-unexpected-regions
-- title: Changes in regions that are not yours
-- description: Principals that changed or tried to change something in a region other than the
--   expected ones. Miners and intruders like regions that nobody looks at. Services that have one
--   endpoint for the world, such as IAM, say us-east-1, so keep that in the list.
-- severity: medium
-- technique: T1535
-- false-positives: A new region that is being set up; tools that switch something on in every
--   region.
-- next: Look at what was made there (principal-timeline), and deny the regions that you do not use
--   by a service control policy.
-- tags: triage, regions, defense-evasion, cis
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   expected: strings = us-east-1
--     Regions that you use, separated by commas.
SELECT recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT CASE WHEN errorCode IS NULL THEN eventID END) AS changes,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS attempts,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND NOT readOnly
  AND awsRegion NOT IN (:expected)
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1, 2, 3
ORDER BY last_seen DESC, region, principal, account
