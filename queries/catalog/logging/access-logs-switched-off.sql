-- name: access-logs-switched-off
-- title: Access logs of services switched off
-- description: Who switched off the access logs of a bucket, the logs of a web ACL of WAF, the
--   query logs of DNS, or those of a load balancer. These are the logs in which visitors from the
--   Internet are seen. Rows with an error are attempts.
-- severity: medium
-- technique: T1562.008
-- apis: PutBucketLogging, DeleteLoggingConfiguration, DeleteResolverQueryLogConfig,
--   DisassociateResolverQueryLogConfig, DeleteQueryLoggingConfig, ModifyLoadBalancerAttributes
-- false-positives: Resources that are deleted, with their logs before them.
-- next: Switch it on again; look at what the actor did to the same resource next:
--   resource-timeline.
-- tags: logging, s3, waf, dns, defense-evasion
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
  eventSource AS event_source,
  eventName AS event_name,
  coalesce(element_at(requestParameters, 'bucketName'), element_at(requestParameters, 'resourceArn'), element_at(requestParameters, 'resolverQueryLogConfigId'),
    element_at(requestParameters, 'id'), element_at(requestParameters, 'loadBalancerArn'), element_at(requestParameters, 'loadBalancerName')) AS resource,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND ((eventSource = 's3.amazonaws.com' AND eventName = 'PutBucketLogging'
      AND json_extract(element_at(requestParameters, 'BucketLoggingStatus'), '$.LoggingEnabled') IS NULL)
    OR (eventSource = 'wafv2.amazonaws.com' AND eventName = 'DeleteLoggingConfiguration')
    OR (eventSource = 'route53resolver.amazonaws.com'
      AND eventName IN ('DeleteResolverQueryLogConfig', 'DisassociateResolverQueryLogConfig'))
    OR (eventSource = 'route53.amazonaws.com' AND eventName = 'DeleteQueryLoggingConfig')
    OR (eventSource = 'elasticloadbalancing.amazonaws.com' AND eventName = 'ModifyLoadBalancerAttributes'
      AND strpos(element_at(requestParameters, 'attributes'), '"key":"access_logs.s3.enabled","value":"false"') > 0))
ORDER BY event_time DESC, event_id
