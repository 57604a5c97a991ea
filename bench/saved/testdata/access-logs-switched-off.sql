SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventSource AS event_source,
  eventName AS event_name,
  coalesce(json_extract_string(requestParameters, '$.bucketName'), json_extract_string(requestParameters, '$.resourceArn'), json_extract_string(requestParameters, '$.resolverQueryLogConfigId'),
    json_extract_string(requestParameters, '$.id'), json_extract_string(requestParameters, '$.loadBalancerArn'), json_extract_string(requestParameters, '$.loadBalancerName')) AS resource,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND ((eventSource = 's3.amazonaws.com' AND eventName = 'PutBucketLogging'
      AND json_extract(requestParameters, '$.BucketLoggingStatus.LoggingEnabled') IS NULL)
    OR (eventSource = 'wafv2.amazonaws.com' AND eventName = 'DeleteLoggingConfiguration')
    OR (eventSource = 'route53resolver.amazonaws.com'
      AND eventName IN ('DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig'))
    OR (eventSource = 'route53.amazonaws.com' AND eventName = 'DeleteQueryLoggingConfig')
    OR (eventSource = 'elasticloadbalancing.amazonaws.com' AND eventName = 'ModifyLoadBalancerAttributes'
      AND strpos(json_extract_string(requestParameters, '$.attributes'), '"key":"access_logs.s3.enabled","value":"false"') > 0))
ORDER BY event_time DESC, event_id
