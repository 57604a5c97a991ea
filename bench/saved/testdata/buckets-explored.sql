SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT json_extract_string(requestParameters, '$.bucketName')) AS buckets,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failed,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName IN ('ListObjects', 'ListObjectVersions', 'GetBucketAcl', 'GetBucketPolicy', 'GetBucketPolicyStatus',
      'GetBucketPublicAccessBlock', 'GetBucketEncryption', 'GetBucketVersioning', 'GetBucketLocation')
  AND userIdentity.invokedBy IS NULL
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1, 2, 3, 4
HAVING count(DISTINCT json_extract_string(requestParameters, '$.bucketName')) >= :min_buckets
ORDER BY event_hour DESC, buckets DESC, principal, address, account
