WITH trust AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    json_extract_string(requestParameters, '$.roleName') AS role_name,
    coalesce(json_extract_string(requestParameters, '$.assumeRolePolicyDocument'), json_extract_string(requestParameters, '$.policyDocument')) AS document
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'iam.amazonaws.com'
    AND eventName IN ('CreateRole', 'UpdateAssumeRolePolicy')
),
named AS (
  SELECT t.*,
    list_sort(list_distinct(list_filter(
      regexp_extract_all(document, '(?:arn:aws[a-z-]*:(?:iam|sts)::|")([0-9]{12})[:"]', 1)
        || regexp_extract_all(document, '"(?:Principal|AWS)"\s*:\s*\[?\s*"(\*)"', 1),
      lambda a : a <> recipientAccountId AND a NOT IN (:known_accounts)))) AS trusted
  FROM trust t
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  role_name,
  trusted,
  errorCode AS error,
  eventID AS event_id
FROM named
WHERE len(trusted) > 0
ORDER BY event_time DESC, event_id
