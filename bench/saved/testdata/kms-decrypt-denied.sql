SELECT recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  coalesce(resources[1].arn, json_extract_string(requestParameters, '$.keyId'), 'unknown') AS key_id,
  count(DISTINCT eventID) AS denials,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'kms.amazonaws.com'
  AND eventName IN ('Decrypt', 'GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'ReEncrypt')
  AND errorCode LIKE '%AccessDenied%'
GROUP BY 1, 2, 3
ORDER BY denials DESC, principal, key_id, account
