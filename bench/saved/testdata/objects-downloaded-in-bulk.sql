SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  json_extract_string(requestParameters, '$.bucketName') AS bucket,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(DISTINCT json_extract_string(requestParameters, '$.key')) AS objects,
  count(*) AS calls,
  sum(TRY_CAST(json_extract_string(additionalEventData, '$.bytesTransferredOut') AS DOUBLE))::BIGINT AS bytes_out,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND eventName = 'GetObject'
  AND errorCode IS NULL
  AND userIdentity.invokedBy IS NULL
GROUP BY 1, 2, 3, 4, 5
HAVING count(DISTINCT json_extract_string(requestParameters, '$.key')) >= :min_objects
ORDER BY event_hour DESC, objects DESC, bucket, principal, account, region
