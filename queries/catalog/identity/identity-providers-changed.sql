-- name: identity-providers-changed
-- title: Identity providers added or changed
-- description: Changes to the SAML and OpenID Connect providers of IAM. Whoever adds a provider of
--   theirs, or changes the certificate of yours, can sign in as anybody that a role lets in through
--   it, without a trace in your directory. Rows with an error are attempts.
-- severity: high
-- technique: T1484.002
-- apis: CreateSAMLProvider, UpdateSAMLProvider, DeleteSAMLProvider, CreateOpenIDConnectProvider,
--   DeleteOpenIDConnectProvider, UpdateOpenIDConnectProviderThumbprint,
--   AddClientIDToOpenIDConnectProvider, RemoveClientIDFromOpenIDConnectProvider
-- false-positives: Renewal of certificates; the first connection of GitHub Actions or of a cluster.
-- next: Was it announced? Compare the metadata with your provider's. Then look at
--   web-identity-sessions for what came through it.
-- tags: identity, federation, persistence, cis
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
  coalesce(element_at(requestParameters, 'sAMLProviderArn'), element_at(requestParameters, 'openIDConnectProviderArn'),
    element_at(requestParameters, 'name'), element_at(requestParameters, 'url')) AS provider,
  errorCode AS error,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'iam.amazonaws.com'
  AND eventName IN ('CreateSAMLProvider', 'UpdateSAMLProvider', 'DeleteSAMLProvider', 'CreateOpenIDConnectProvider',
      'DeleteOpenIDConnectProvider', 'UpdateOpenIDConnectProviderThumbprint',
      'AddClientIDToOpenIDConnectProvider', 'RemoveClientIDFromOpenIDConnectProvider')
ORDER BY event_time DESC, event_id
