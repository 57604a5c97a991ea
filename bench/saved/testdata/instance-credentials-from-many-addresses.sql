WITH calls AS (
  SELECT recipientAccountId AS account, awsRegion, sourceIPAddress, eventName, eventTime, eventID,
    userIdentity.arn AS session
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.type = 'AssumedRole'
    AND userIdentity.principalId LIKE '%:i-%'
    AND regexp_matches(sourceIPAddress, '^[0-9a-f.:]+$')
)
SELECT account,
  session,
  count(DISTINCT sourceIPAddress) AS addresses,
  array_agg(DISTINCT sourceIPAddress ORDER BY sourceIPAddress) AS address_list,
  array_agg(DISTINCT awsRegion ORDER BY awsRegion) AS regions,
  array_agg(DISTINCT eventName ORDER BY eventName) AS actions,
  count(DISTINCT eventID) AS calls,
  min(eventTime) AS first_seen,
  max(eventTime) AS last_seen
FROM calls
GROUP BY account, session
HAVING count(DISTINCT sourceIPAddress) > 1
ORDER BY addresses DESC, last_seen DESC, session, account
