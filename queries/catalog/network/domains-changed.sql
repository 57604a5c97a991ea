-- name: domains-changed
-- title: Domains moved, unlocked or led elsewhere
-- description: Calls to the registrar by which a domain can be lost: transfers, the lock taken off,
--   the code for a transfer asked for, other name servers, other owners, no renewal, deletion. Rows
--   with an error are attempts.
-- severity: high
-- technique: T1584.001
-- apis: TransferDomainToAnotherAwsAccount, AcceptDomainTransferFromAnotherAwsAccount,
--   DisableDomainTransferLock, RetrieveDomainAuthCode, UpdateDomainNameservers,
--   UpdateDomainContact, DisableDomainAutoRenew, DeleteDomain
-- false-positives: Planned moves of domains, a few in a year.
-- next: Lock the domain again and put the name servers back at once; call AWS support if a transfer
--   has begun.
-- tags: network, dns, route53, impact
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor,
  sourceIPAddress AS address,
  eventName AS event_name,
  element_at(requestParameters, 'domainName') AS domain,
  element_at(requestParameters, 'accountId') AS other_account,
  element_at(requestParameters, 'nameservers') AS nameservers,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'route53domains.amazonaws.com'
  AND eventName IN ('TransferDomainToAnotherAwsAccount', 'AcceptDomainTransferFromAnotherAwsAccount',
      'DisableDomainTransferLock', 'RetrieveDomainAuthCode', 'UpdateDomainNameservers',
      'UpdateDomainContact', 'DisableDomainAutoRenew', 'DeleteDomain')
ORDER BY event_time DESC, event_id
