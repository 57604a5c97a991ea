WITH changed AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    coalesce(json_extract_string(requestparameters, '$.groupId'), json_extract_string(responseelements, '$.groupId'),
      json_extract_string(requestParameters, '$.ModifySecurityGroupRulesRequest.GroupId')) AS security_group,
    requestParameters AS request
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ec2.amazonaws.com'
    AND eventName IN ('AuthorizeSecurityGroupIngress', 'AuthorizeSecurityGroupEgress', 'RevokeSecurityGroupIngress',
      'RevokeSecurityGroupEgress', 'ModifySecurityGroupRules', 'CreateSecurityGroup', 'DeleteSecurityGroup')
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  eventName AS event_name,
  security_group,
  CASE WHEN eventName IN ('AuthorizeSecurityGroupIngress', 'AuthorizeSecurityGroupEgress', 'ModifySecurityGroupRules')
      AND (request LIKE '%"0.0.0.0/0"%' OR request LIKE '%"::/0"%')
    THEN 'yes' ELSE 'no' END AS open_to_world,
  sourceIPAddress AS address,
  errorCode AS error,
  eventID AS event_id
FROM changed
ORDER BY event_time DESC, event_id
LIMIT :limit
