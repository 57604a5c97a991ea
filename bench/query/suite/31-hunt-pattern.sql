-- group: substring hunts
-- title: names of attack tools as words in user agents, by a regular expression
SELECT userAgent, recipientAccountId, count(*) AS calls
FROM events
WHERE regexp_like(lower(userAgent), '(^|[^a-z])(pacu|stratus-red-team|cloudfox|prowler|trufflehog|kali|parrot)([^a-z]|$)')
GROUP BY userAgent, recipientAccountId
-- duckdb
SELECT userAgent, recipientAccountId, count(*) AS calls
FROM events
WHERE regexp_matches(lower(userAgent), '(^|[^a-z])(pacu|stratus-red-team|cloudfox|prowler|trufflehog|kali|parrot)([^a-z]|$)')
GROUP BY userAgent, recipientAccountId
-- clickhouse
SELECT useragent, recipientaccountid, count() AS calls
FROM events
WHERE match(lower(useragent), '(^|[^a-z])(pacu|stratus-red-team|cloudfox|prowler|trufflehog|kali|parrot)([^a-z]|$)')
GROUP BY useragent, recipientaccountid
