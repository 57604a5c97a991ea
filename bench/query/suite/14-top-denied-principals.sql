-- group: top-N
-- title: who was denied most often
SELECT userIdentity.arn AS principal, count(*) AS denied
FROM events
WHERE errorCode IN ('AccessDenied', 'AccessDeniedException', 'Client.UnauthorizedOperation')
GROUP BY userIdentity.arn
ORDER BY denied DESC, principal
LIMIT 10
-- clickhouse
SELECT useridentity.arn AS principal, count() AS denied
FROM events
WHERE errorcode IN ('AccessDenied', 'AccessDeniedException', 'Client.UnauthorizedOperation')
GROUP BY principal
ORDER BY denied DESC, principal
LIMIT 10
