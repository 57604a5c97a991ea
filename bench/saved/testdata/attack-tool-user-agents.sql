SELECT regexp_extract(lower(userAgent), '(pacu|stratus-red-team|cloudfox|scoutsuite|scout suite|prowler|trufflehog|kali|parrot|pentoo|nuclei)', 1) AS tool,
  recipientAccountId AS account,
  coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
        userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  sourceIPAddress AS address,
  count(DISTINCT eventID) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN eventID END) AS errors,
  count(DISTINCT eventName) AS actions,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND regexp_matches(lower(userAgent), '(^|[^a-z])(pacu|stratus-red-team|cloudfox|scoutsuite|scout suite|prowler|trufflehog|kali|parrot|pentoo|nuclei)([^a-z]|$)')
GROUP BY 1, 2, 3, 4
ORDER BY last_seen DESC, tool, principal, address, account
