SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.name') AS cluster,
  json_extract_string(requestParameters, '$.resourcesVpcConfig.endpointPublicAccess') AS public_access,
  json_extract(requestParameters, '$.resourcesVpcConfig.publicAccessCidrs')::VARCHAR AS open_to,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'eks.amazonaws.com'
  AND eventName IN ('CreateCluster', 'UpdateClusterConfig')
  AND coalesce(json_extract_string(requestParameters, '$.resourcesVpcConfig.endpointPublicAccess'), 'true') <> 'false'
  AND CASE
    WHEN json_extract(requestParameters, '$.resourcesVpcConfig.publicAccessCidrs') IS NULL
      THEN eventName = 'CreateCluster' OR json_extract_string(requestParameters, '$.resourcesVpcConfig.endpointPublicAccess') = 'true'
    ELSE regexp_matches(json_extract(requestParameters, '$.resourcesVpcConfig.publicAccessCidrs')::VARCHAR, '"(0\.0\.0\.0|::)/0"')
  END
ORDER BY event_time DESC, event_id
