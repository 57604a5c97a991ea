SELECT recipientAccountId AS account,
  awsRegion AS region,
  json_extract_string(requestParameters, '$.bucketName') AS bucket,
  userIdentity.accountId AS caller_account,
  eventName AS event_name,
  count(DISTINCT CASE WHEN errorCode IS NULL THEN eventID END) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS failures,
  sum(TRY_CAST(json_extract_string(additionalEventData, '$.bytesTransferredOut') AS DOUBLE))::BIGINT AS bytes_out,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 's3.amazonaws.com'
  AND managementEvent = false
  AND userIdentity.accountId <> coalesce(list_filter(resources, lambda r : r.type = 'AWS::S3::Bucket')[1].accountId, recipientAccountId)
  AND userIdentity.accountId NOT IN (:known_accounts)
  AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1, 2, 3, 4, 5
ORDER BY calls DESC, bucket, caller_account, event_name, account, region
