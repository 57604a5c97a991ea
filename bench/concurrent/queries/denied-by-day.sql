-- name: denied-by-day
-- title: Refused calls by day, account and service
-- description: A wide grouping with a condition.
SELECT date(eventTime) AS day, recipientAccountId, eventSource, count(*) AS calls, max(eventTime) AS last
FROM $EDS_ID
WHERE errorCode LIKE '%Denied%' OR errorCode LIKE '%Unauthorized%'
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
