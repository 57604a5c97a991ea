SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  json_extract_string(requestParameters, '$.keyId') AS key_id,
  json_extract_string(requestParameters, '$.granteePrincipal') AS grantee,
  json_extract_string(requestParameters, '$.operations') AS operations,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'kms.amazonaws.com'
  AND eventName = 'CreateGrant'
  AND nullif(regexp_extract(json_extract_string(requestParameters, '$.granteePrincipal'), '^arn:aws[a-z-]*:(iam|sts)::([0-9]{12}):', 2), '') <> recipientAccountId
  AND regexp_extract(json_extract_string(requestParameters, '$.granteePrincipal'), '^arn:aws[a-z-]*:(iam|sts)::([0-9]{12}):', 2) NOT IN (:known_accounts)
ORDER BY event_time DESC, event_id
