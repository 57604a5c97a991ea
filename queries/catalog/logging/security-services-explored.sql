-- name: security-services-explored
-- title: Looking for what might notice
-- description: Principals that within an hour asked several services whether they are watching: which
--   trails there are and what they record, whether GuardDuty, Config, Security Hub, Access Analyzer,
--   Macie or Inspector is on, where flow logs go. Whoever does that for the first time looks for
--   cameras. services says how many were asked; what AWS services ask each other is left out.
-- severity: medium
-- technique: T1518.001
-- apis: DescribeTrails, GetTrail, GetTrailStatus, ListTrails, GetEventSelectors, ListDetectors,
--   GetDetector, DescribeHub, GetEnabledStandards, DescribeConfigurationRecorders,
--   DescribeConfigurationRecorderStatus, DescribeDeliveryChannels, ListAnalyzers, DescribeFlowLogs,
--   DescribeAlarms, GetMacieSession, BatchGetAccountStatus
-- false-positives: Security tools and compliance scanners of your own, and people who set these
--   services up.
-- next: Is the caller one of your tools? If not, look in logging-tampering for what came next.
-- tags: logging, discovery, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_services: integer = 3
--     Services within an hour from which on a principal is listed.
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
