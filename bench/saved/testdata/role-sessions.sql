WITH issued AS (
  SELECT json_extract_string(responseElements, '$.credentials.accessKeyId') AS issued_key,
    min(coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId)) AS opened_by,
    min(sourceIPAddress) AS opened_from
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'sts.amazonaws.com'
    AND json_extract_string(requestParameters, '$.roleArn') = :role
    AND errorCode IS NULL
  GROUP BY json_extract_string(responseElements, '$.credentials.accessKeyId')
),
used AS (
  SELECT recipientAccountId AS account,
    userIdentity.arn AS session,
    userIdentity.accessKeyId AS access_key,
    max(userIdentity.sessionContext.sourceIdentity) AS source_identity,
    count(DISTINCT eventID) AS calls,
    count(DISTINCT CASE WHEN NOT readOnly AND errorCode IS NULL THEN eventID END) AS changes,
    count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS errors,
    array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS addresses,
    array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
    min(eventTime) AS first_seen,
    max(eventTime) AS last_seen
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.sessionContext.sessionIssuer.arn = :role
  GROUP BY recipientAccountId, userIdentity.arn, userIdentity.accessKeyId
)
SELECT u.account, u.session, u.access_key, i.opened_by, i.opened_from, u.source_identity, u.calls, u.changes, u.errors,
  u.addresses, u.regions, u.first_seen, u.last_seen
FROM used u
LEFT JOIN issued i ON i.issued_key = u.access_key
ORDER BY last_seen DESC, session, access_key, account
