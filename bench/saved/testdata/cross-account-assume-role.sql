WITH assumed AS (
  SELECT DISTINCT coalesce(sharedEventID, eventID) AS call_id,
    eventTime, sourceIPAddress, errorCode,
    userIdentity.accountId AS caller_account,
    json_extract_string(requestparameters, '$.roleArn') AS role_arn
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND eventSource = 'sts.amazonaws.com'
    AND eventName = 'AssumeRole'
    AND userIdentity.accountId NOT IN (:trusted_accounts)
)
SELECT caller_account,
  role_arn,
  count(DISTINCT call_id) AS calls,
  count(DISTINCT CASE WHEN errorCode IS NOT NULL THEN call_id END) AS failures,
  count(DISTINCT sourceIPAddress) AS addresses,
  min(sourceIPAddress) AS an_address,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM assumed
WHERE strpos(role_arn, '::') > 0
  AND substr(role_arn, strpos(role_arn, '::') + 2, 12) <> caller_account
GROUP BY caller_account, role_arn
ORDER BY calls DESC, caller_account, role_arn
