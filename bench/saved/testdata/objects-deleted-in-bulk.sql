SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  json_extract_string(requestParameters, '$.bucketName') AS bucket,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT eventID) AS deletions,
  count(DISTINCT CASE WHEN json_extract_string(requestParameters, '$.versionId') IS NOT NULL THEN eventID END) AS of_versions,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('DeleteObject', 'DeleteObjects')
  AND errorCode IS NULL
GROUP BY 1, 2, 3, 4, 5
HAVING count(DISTINCT eventID) >= :min_deletions
ORDER BY event_hour DESC, deletions DESC, bucket, principal, account, region
