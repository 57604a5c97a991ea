SELECT recipientAccountId AS account,
  awsRegion AS region,
  json_extract_string(requestParameters, '$.bucketName') AS bucket,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT CASE WHEN errorCode IS NULL THEN eventID END) AS objects,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS attempts,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('PutObject', 'CopyObject', 'CreateMultipartUpload')
  AND (json_extract_string(requestParameters, '$."x-amz-server-side-encryption-customer-algorithm"') IS NOT NULL
    OR json_extract_string(additionalEventData, '$.SSEApplied') = 'SSE_C')
GROUP BY 1, 2, 3, 4
ORDER BY objects DESC, attempts DESC, bucket, principal, account, region
