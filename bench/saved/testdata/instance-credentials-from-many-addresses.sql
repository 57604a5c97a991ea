WITH calls AS (
  SELECT recipientAccountId AS account, awsRegion, sourceIPAddress, eventName, eventTime, eventID,
    userIdentity.arn AS session
  FROM $EDS_ID
  WHERE eventTime >= :since AND eventTime < :until
    AND userIdentity.type = 'AssumedRole'
    AND userIdentity.principalId LIKE '%:i-%'
    AND regexp_matches(sourceIPAddress, '^[0-9a-f.:]+$')
),
moved AS (
  SELECT account, session
  FROM calls
  GROUP BY account, session
  HAVING min(sourceIPAddress) <> max(sourceIPAddress)
)
SELECT c.account,
  c.session,
  count(DISTINCT c.sourceIPAddress) AS addresses,
  array_agg(DISTINCT c.sourceIPAddress ORDER BY c.sourceIPAddress) AS address_list,
  array_agg(DISTINCT c.awsRegion ORDER BY c.awsRegion) AS regions,
  array_agg(DISTINCT c.eventName ORDER BY c.eventName) AS actions,
  count(DISTINCT c.eventID) AS calls,
  min(c.eventTime) AS first_seen,
  max(c.eventTime) AS last_seen
FROM moved m
JOIN calls c ON c.account IS NOT DISTINCT FROM m.account AND c.session IS NOT DISTINCT FROM m.session
GROUP BY c.account, c.session
ORDER BY addresses DESC, last_seen DESC, session, account
