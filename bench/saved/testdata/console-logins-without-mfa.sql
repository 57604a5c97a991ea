SELECT DISTINCT eventTime AS event_time,
  recipientAccountId AS account,
  userIdentity.type AS user_type,
  coalesce(userIdentity.arn, userIdentity.userName, userIdentity.principalId) AS actor,
  sourceIPAddress AS address,
  userAgent AS user_agent,
  eventID AS event_id
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until
  AND eventSource = 'signin.amazonaws.com'
  AND eventName = 'ConsoleLogin'
  AND userIdentity.type IN ('IAMUser', 'Root')
  AND json_extract_string(responseelements, '$.ConsoleLogin') = 'Success'
  AND json_extract_string(additionaleventdata, '$.MFAUsed') = 'No'
ORDER BY event_time DESC, event_id
