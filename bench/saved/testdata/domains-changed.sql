SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  json_extract_string(requestParameters, '$.domainName') AS domain,
  json_extract_string(requestParameters, '$.accountId') AS other_account,
  json_extract_string(requestParameters, '$.nameservers') AS nameservers,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'route53domains.amazonaws.com'
  AND eventName IN ('TransferDomainToAnotherAwsAccount', 'AcceptDomainTransferFromAnotherAwsAccount',
      'DisableDomainTransferLock', 'RetrieveDomainAuthCode', 'UpdateDomainNameservers',
      'UpdateDomainContact', 'DisableDomainAutoRenew', 'DeleteDomain')
ORDER BY event_time DESC, event_id
