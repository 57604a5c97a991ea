SELECT sourceIPAddress AS address,
  count(CASE WHEN errorMessage IS NOT NULL OR json_extract_string(responseelements, '$.ConsoleLogin') = 'Failure' THEN 1 END) AS failures,
  count(CASE WHEN json_extract_string(responseelements, '$.ConsoleLogin') = 'Success' THEN 1 END) AS successes,
  count(DISTINCT CASE WHEN errorMessage IS NOT NULL OR json_extract_string(responseelements, '$.ConsoleLogin') = 'Failure'
    THEN coalesce(userIdentity.userName, userIdentity.arn, userIdentity.principalId, 'unknown') END) AS users_tried,
  min(CASE WHEN errorMessage IS NOT NULL OR json_extract_string(responseelements, '$.ConsoleLogin') = 'Failure'
    THEN coalesce(userIdentity.userName, userIdentity.arn, userIdentity.principalId, 'unknown') END) AS a_user,
  min(errorMessage) AS a_reason,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'signin.amazonaws.com'
  AND eventName = 'ConsoleLogin'
GROUP BY sourceIPAddress
HAVING count(CASE WHEN errorMessage IS NOT NULL OR json_extract_string(responseelements, '$.ConsoleLogin') = 'Failure' THEN 1 END) >= :min_failures
ORDER BY failures DESC, address
