-- name: instances-launched
-- title: Machines launched, by whom and where
-- description: Launches of EC2 instances by principal, account, region and type, with how many
--   machines they gave and which images they used. Miners launch large machines in regions that
--   nobody looks at; an intruder launches one inside of the network, with a role that is worth
--   having. launches counts the calls, refused those of them that failed; dry runs are left out.
-- severity: low
-- technique: T1496.001, T1578.002
-- apis: RunInstances
-- false-positives: Scaling groups and build fleets, which launch all day as the service or a role.
-- next: Sort by what you never use: regions, types with many processors or graphics cards, people
--   instead of roles. Those that a quota refused are in launches-refused-by-quota.
-- tags: compute, ec2, impact, cost
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
WITH launches AS (
  SELECT DISTINCT eventID, eventTime, recipientAccountId, awsRegion, sourceIPAddress, errorCode,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    coalesce(element_at(requestParameters, 'instanceType'),
      json_extract_scalar(element_at(responseElements, 'instancesSet'), '$.items[0].instanceType'), 'unknown') AS instance_type,
    coalesce(json_extract_scalar(element_at(requestParameters, 'instancesSet'), '$.items[0].imageId'),
      json_extract_scalar(element_at(responseElements, 'instancesSet'), '$.items[0].imageId')) AS image,
    json_array_length(json_extract(element_at(responseElements, 'instancesSet'), '$.items')) AS machines
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ec2.amazonaws.com'
    AND eventName = 'RunInstances'
    AND errorCode IS DISTINCT FROM 'Client.DryRunOperation'
)
SELECT recipientAccountId AS account,
  awsRegion AS region,
  principal,
  instance_type,
  sum(coalesce(machines, 0)) AS machines,
  count(*) AS launches,
  count(errorCode) AS refused,
  array_agg(DISTINCT image ORDER BY image) FILTER (WHERE image IS NOT NULL) AS images,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM launches
GROUP BY recipientAccountId, awsRegion, principal, instance_type
ORDER BY machines DESC, last_seen DESC, principal, instance_type, account, region
