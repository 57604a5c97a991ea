WITH written AS (
  SELECT DISTINCT eventTime, recipientAccountId, awsRegion, sourceIPAddress, eventName, errorCode, eventID,
    coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
    coalesce(json_extract_string(requestParameters, '$.repositoryName'), 'registry') AS repository,
    coalesce(json_extract_string(requestParameters, '$.policyText'), json_extract_string(requestParameters, '$.policyTextContent')) AS document
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'ecr.amazonaws.com'
    AND eventName IN ('SetRepositoryPolicy', 'PutRegistryPolicy')
),
named AS (
  SELECT w.*,
    list_sort(list_distinct(list_filter(
      regexp_extract_all(document, '(?:arn:aws[a-z-]*:(?:iam|sts)::|")([0-9]{12})[:"]', 1)
        || regexp_extract_all(document, '"(?:Principal|AWS)"\s*:\s*\[?\s*"(\*)"', 1),
      lambda a : a <> recipientAccountId AND a NOT IN (:known_accounts)))) AS let_in
  FROM written w
)
SELECT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  repository,
  let_in,
  errorCode AS error,
  eventID AS event_id
FROM named
WHERE len(let_in) > 0
ORDER BY event_time DESC, event_id
