WITH launches AS (
  SELECT DISTINCT eventID, eventTime, recipientAccountId, awsRegion, sourceIPAddress, errorCode,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    coalesce(json_extract_string(requestParameters, '$.instanceType'),
      json_extract_string(responseElements, '$.instancesSet.items[0].instanceType'), 'unknown') AS instance_type,
    coalesce(json_extract_string(requestParameters, '$.instancesSet.items[0].imageId'),
      json_extract_string(responseElements, '$.instancesSet.items[0].imageId')) AS image,
    json_array_length(responseElements, '$.instancesSet.items') AS machines
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
  sum(coalesce(machines, 0))::BIGINT AS machines,
  count(*) AS launches,
  count(errorCode) AS refused,
  array_agg(DISTINCT image ORDER BY image) FILTER (WHERE image IS NOT NULL) AS images,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM launches
GROUP BY recipientAccountId, awsRegion, principal, instance_type
ORDER BY machines DESC, last_seen DESC, principal, instance_type, account, region
