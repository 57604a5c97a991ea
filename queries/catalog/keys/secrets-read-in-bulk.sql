-- name: secrets-read-in-bulk
-- title: Many secrets read within an hour
-- description: Principals that read min_secrets or more different secrets within one hour of the
--   clock. An application reads the few that it needs; somebody who is clearing the safe reads all
--   of them.
-- severity: high
-- technique: T1555.006
-- apis: GetSecretValue, BatchGetSecretValue
-- false-positives: Infrastructure code that reads the secrets that it manages; back-up and
--   migration of secrets.
-- next: Rotate every secret of the list at once if the principal cannot explain it;
--   secrets-and-parameters-read shows its habit.
-- tags: keys, secrets, credential-access
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
--   min_secrets: integer = 10
--     Fewest different secrets in an hour that are listed.
SELECT date_trunc('hour', eventTime) AS event_hour,
  recipientAccountId AS account,
  awsRegion AS region,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  count(DISTINCT coalesce(element_at(requestParameters, 'secretId'), eventID)) AS secrets,
  count(DISTINCT eventID) AS calls,
  min(element_at(requestParameters, 'secretId')) AS a_secret,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'secretsmanager.amazonaws.com'
  AND eventName IN ('GetSecretValue', 'BatchGetSecretValue')
  AND errorCode IS NULL
GROUP BY 1, 2, 3, 4, 5, 6
HAVING count(DISTINCT coalesce(element_at(requestParameters, 'secretId'), eventID)) >= :min_secrets
ORDER BY event_hour DESC, secrets DESC, principal, address, user_agent, account, region
