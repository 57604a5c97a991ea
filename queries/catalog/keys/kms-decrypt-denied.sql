-- name: kms-decrypt-denied
-- title: Decryption denied
-- description: Principals that were refused the decryption of something, by key: how often, for
--   which service. Somebody who has copied encrypted data and lacks the key shows here; so does a
--   deployment that forgot a permission.
-- severity: low
-- technique: T1530
-- apis: Decrypt, GenerateDataKey, ReEncrypt
-- false-positives: New services whose role may not use the key yet: the same key over and over.
-- next: Many keys and one principal: see principal-timeline. One key and many principals: see who
--   changed its policy (kms-key-policies-open).
-- tags: keys, kms, errors, hunting
-- params:
--   since: timestamp = 1970-01-01
--     First moment looked at (UTC); by default all that the store holds.
--   until: timestamp = 9999-12-31
--     Moment at which to stop, itself not included.
SELECT recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  coalesce(element_at(resources, 1).arn, element_at(requestParameters, 'keyId'), 'unknown') AS key_id,
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
