SELECT vpcEndpointId AS vpc_endpoint,
  vpcEndpointAccountId AS endpoint_account,
  coalesce(userIdentity.accountId, 'unknown') AS caller_account,
  coalesce(userIdentity.arn, userIdentity.principalId, userIdentity.accountId, 'unknown') AS caller,
  eventSource AS event_source,
  array_agg(DISTINCT eventName ORDER BY eventName) AS event_names,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
  count(DISTINCT eventID) AS denials,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventCategory = 'NetworkActivity'
  AND errorCode = 'VpceAccessDenied'
GROUP BY 1, 2, 3, 4, 5
ORDER BY denials DESC, last_seen DESC, vpc_endpoint, caller, event_source, endpoint_account, caller_account
