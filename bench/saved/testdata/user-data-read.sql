WITH asked AS (
  SELECT eventTime, eventID, recipientAccountId, awsRegion, sourceIPAddress, errorCode,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    coalesce(json_extract_string(requestParameters, '$.instanceId'),
      json_extract_string(requestParameters, '$.DescribeLaunchTemplateVersionsRequest.LaunchTemplateId'),
      json_extract_string(requestParameters, '$.DescribeLaunchTemplateVersionsRequest.LaunchTemplateName'),
      json_extract_string(requestParameters, '$.GetLaunchTemplateDataRequest.InstanceId')) AS object
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ec2.amazonaws.com'
    AND (eventName = 'DescribeInstanceAttribute' AND json_extract_string(requestParameters, '$.attribute') = 'userData'
      OR eventName IN ('DescribeLaunchTemplateVersions', 'GetLaunchTemplateData'))
    AND userIdentity.invokedBy IS NULL
    AND userIdentity.type IS DISTINCT FROM 'AWSService'
    AND errorCode IS DISTINCT FROM 'Client.DryRunOperation'
)
SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  principal,
  sourceIPAddress AS address,
  count(DISTINCT object) AS objects,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failed,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM asked
GROUP BY 1, 2, 3, 4, 5
HAVING count(DISTINCT object) >= :min_objects
ORDER BY event_hour DESC, objects DESC, principal, address, account, region
