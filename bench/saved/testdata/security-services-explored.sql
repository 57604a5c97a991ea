SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT eventSource) AS services,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failed,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND (eventSource = 'cloudtrail.amazonaws.com' AND eventName IN ('DescribeTrails', 'GetTrail', 'GetTrailStatus', 'ListTrails', 'GetEventSelectors')
    OR eventSource = 'guardduty.amazonaws.com' AND eventName IN ('ListDetectors', 'GetDetector')
    OR eventSource = 'securityhub.amazonaws.com' AND eventName IN ('DescribeHub', 'GetEnabledStandards')
    OR eventSource = 'config.amazonaws.com' AND eventName IN ('DescribeConfigurationRecorders', 'DescribeConfigurationRecorderStatus',
      'DescribeDeliveryChannels')
    OR eventSource = 'access-analyzer.amazonaws.com' AND eventName = 'ListAnalyzers'
    OR eventSource = 'ec2.amazonaws.com' AND eventName = 'DescribeFlowLogs'
    OR eventSource = 'monitoring.amazonaws.com' AND eventName = 'DescribeAlarms'
    OR eventSource = 'macie2.amazonaws.com' AND eventName = 'GetMacieSession'
    OR eventSource = 'inspector2.amazonaws.com' AND eventName = 'BatchGetAccountStatus')
  AND userIdentity.invokedBy IS NULL
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1, 2, 3, 4
HAVING count(DISTINCT eventSource) >= :min_services
ORDER BY event_hour DESC, services DESC, principal, address, account
