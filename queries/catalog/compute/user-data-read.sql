-- name: user-data-read
-- title: Start scripts of machines read
-- description: Principals that asked for the user data of many machines: the scripts that run when
--   one starts, in which passwords and keys stand more often than anybody admits. One by one that
--   is support; dozens within an hour are a download. failed counts the calls that gave an error;
--   what AWS services ask for, such as Auto Scaling, is left out, and so are dry runs.
-- severity: medium
-- technique: T1552
-- apis: DescribeInstanceAttribute, DescribeLaunchTemplateVersions, GetLaunchTemplateData
-- false-positives: Inventory and backup tools, which ask for each machine on a schedule.
-- next: Read the scripts of those machines yourself (aws ec2 describe-instance-attribute --attribute
--   userData) and change every secret in them. Then principal-timeline of the reader.
-- tags: compute, ec2, discovery, credentials
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_objects: integer = 10
--     Machines and templates within an hour from which on a principal is listed.
WITH asked AS (
  SELECT eventTime, eventID, recipientAccountId, awsRegion, sourceIPAddress, errorCode,
    coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
    coalesce(element_at(requestParameters, 'instanceId'),
      json_extract_scalar(element_at(requestParameters, 'DescribeLaunchTemplateVersionsRequest'), '$.LaunchTemplateId'),
      json_extract_scalar(element_at(requestParameters, 'DescribeLaunchTemplateVersionsRequest'), '$.LaunchTemplateName'),
      json_extract_scalar(element_at(requestParameters, 'GetLaunchTemplateDataRequest'), '$.InstanceId')) AS object
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ec2.amazonaws.com'
    AND (eventName = 'DescribeInstanceAttribute' AND element_at(requestParameters, 'attribute') = 'userData'
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
