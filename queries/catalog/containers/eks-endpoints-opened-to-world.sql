-- name: eks-endpoints-opened-to-world
-- title: Kubernetes endpoints open to the Internet
-- description: EKS clusters whose Kubernetes API was made reachable from every address, at
--   creation (where that is the default) or later. Only Kubernetes' own authentication then
--   stands between the Internet and the cluster. Rows with an error are attempts.
-- severity: medium
-- technique: T1133
-- apis: CreateCluster, UpdateClusterConfig
-- false-positives: Clusters that are meant to be reached from anywhere.
-- next: Restrict publicAccessCidrs (aws eks update-cluster-config --resources-vpc-config), or
--   make the endpoint private. Read the cluster's audit log for the time between.
-- tags: containers, eks, network
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
  element_at(requestParameters, 'name') AS cluster,
  json_extract_scalar(element_at(requestParameters, 'resourcesVpcConfig'), '$.endpointPublicAccess') AS public_access,
  json_format(json_extract(element_at(requestParameters, 'resourcesVpcConfig'), '$.publicAccessCidrs')) AS open_to,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'eks.amazonaws.com'
  AND eventName IN ('CreateCluster', 'UpdateClusterConfig')
  AND coalesce(json_extract_scalar(element_at(requestParameters, 'resourcesVpcConfig'), '$.endpointPublicAccess'), 'true') <> 'false'
  AND CASE
    -- What is not given stays as it was, and at creation is 0.0.0.0/0.
    WHEN json_extract(element_at(requestParameters, 'resourcesVpcConfig'), '$.publicAccessCidrs') IS NULL
      THEN eventName = 'CreateCluster' OR json_extract_scalar(element_at(requestParameters, 'resourcesVpcConfig'), '$.endpointPublicAccess') = 'true'
    ELSE regexp_like(json_format(json_extract(element_at(requestParameters, 'resourcesVpcConfig'), '$.publicAccessCidrs')), '"(0\.0\.0\.0|::)/0"')
  END
ORDER BY event_time DESC, event_id
