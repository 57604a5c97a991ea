SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT coalesce(json_extract_string(requestParameters, '$.instanceId'), json_extract_string(requestParameters, '$.DescribeLaunchTemplateVersionsRequest'),
    json_extract_string(requestParameters, '$.GetLaunchTemplateDataRequest'))) AS objects,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failed,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'ec2.amazonaws.com'
  AND (eventName = 'DescribeInstanceAttribute' AND json_extract_string(requestParameters, '$.attribute') = 'userData'
    OR eventName IN ('DescribeLaunchTemplateVersions', 'GetLaunchTemplateData'))
GROUP BY 1, 2, 3, 4, 5
HAVING count(DISTINCT coalesce(json_extract_string(requestParameters, '$.instanceId'), json_extract_string(requestParameters, '$.DescribeLaunchTemplateVersionsRequest'),
    json_extract_string(requestParameters, '$.GetLaunchTemplateDataRequest'))) >= :min_objects
ORDER BY event_hour DESC, objects DESC, principal, address, account, region
