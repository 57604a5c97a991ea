SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  json_extract_string(requestParameters, '$.name') AS trail,
  concat_ws(', ',
    CASE WHEN json_extract_string(requestParameters, '$.isMultiRegionTrail') = 'false' THEN 'one region only' END,
    CASE WHEN json_extract_string(requestParameters, '$.includeGlobalServiceEvents') = 'false' THEN 'no global services' END,
    CASE WHEN json_extract_string(requestParameters, '$.enableLogFileValidation') = 'false' THEN 'no validation' END,
    CASE WHEN json_extract_string(requestParameters, '$.isOrganizationTrail') = 'false' THEN 'no organization' END,
    CASE WHEN json_extract_string(requestParameters, '$.s3BucketName') IS NOT NULL THEN 'bucket ' || json_extract_string(requestParameters, '$.s3BucketName') END,
    CASE WHEN json_extract_string(requestParameters, '$.kmsKeyId') IS NOT NULL THEN 'key ' || json_extract_string(requestParameters, '$.kmsKeyId') END) AS weakened,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'cloudtrail.amazonaws.com'
  AND eventName = 'UpdateTrail'
  AND (json_extract_string(requestParameters, '$.isMultiRegionTrail') = 'false'
    OR json_extract_string(requestParameters, '$.includeGlobalServiceEvents') = 'false'
    OR json_extract_string(requestParameters, '$.enableLogFileValidation') = 'false'
    OR json_extract_string(requestParameters, '$.isOrganizationTrail') = 'false'
    OR json_extract_string(requestParameters, '$.s3BucketName') IS NOT NULL
    OR json_extract_string(requestParameters, '$.kmsKeyId') IS NOT NULL)
ORDER BY event_time DESC, event_id
