# Queries that the grammar takes. Empty lines separate them.
SELECT 1

select all eventName, "eventSource" from $EDS_ID;

SELECT DISTINCT a.b.c, t.*, (r).*, f(x).* AS (p, q) FROM t

SELECT all FROM t GROUP BY all

SELECT * FROM 3e5e2676-9fce-46ef-8142-3e36a94e6691

SELECT * FROM 12345678-1234-1234-1234-123456789012, 1e234567-0000-0000-0000-000000000000 AS b

SELECT * FROM (SELECT * FROM 00e12345-0000-0000-0000-00000000000e)/*c*/x JOIN deadbeef-0000-0000-0000-00000000000e--c
ON true

SELECT eventID FROM edcba987-1111-2222-3333-444444444444 WHERE eventTime > '2023-01-22 00:00:00' and eventTime < = '2023-02-01'

SELECT a FROM "arn:aws:cloudtrail:us-east-1:000000000000:eventdatastore/3e5e2676-9fce-46ef-8142-3e36a94e6691" AS s

SELECT a FROM cat.sch.tab, "cat"."sch"."tab" x, :store, ?

SELECT 1, 1.5, 1., .5, 1e5, 1.5E-3, 1_000, 0xFF, 0o17, 0b101, -1, - 1, +1, - -1, -x, -(1), -9223372036854775808

SELECT 'it''s', U&'\0041\+01F600', U&'#0041' UESCAPE '#', X'6 1', x'', '', 'a
b'

SELECT DATE '2024-01-01', TIMESTAMP '2024-01-01 00:00:00.123 UTC', time '10:00', json '{}', decimal '1.1', DOUBLE PRECISION '1', ipaddress '::1', double '1'

SELECT INTERVAL '1' DAY, INTERVAL -'1' month, INTERVAL + '2 03' DAY TO HOUR, interval '1-2' year to month, "interval" , interval

SELECT NULL, true, FALSE, CURRENT_DATE, current_timestamp, current_timestamp(6), localtime, localtimestamp(0), current_time, current_user, current_catalog

SELECT a + b * c - d / e % f || g, (a + b) * c, a - (b - c), a || (b || c), - a * b, -(a * b), (a).b, (1).x, a[1].b[c + 1]

SELECT a = b, a <> b, a != b, a < b, a <= b, a > b, a >= b, (a = b) = c, NOT a = b, NOT NOT a, (NOT a) = b

SELECT a OR b AND c, (a OR b) AND c, a AND (b AND c), a OR b OR c, NOT (a OR b)

SELECT a BETWEEN 1 AND 2 AND b, a NOT BETWEEN b + 1 AND c, a IN (1), a NOT IN (1, 2, b), a IN (SELECT 1), a NOT IN (VALUES 1, 2), a IN ((SELECT 1)), a IN ((SELECT 1), 2), a IN ((SELECT 1) UNION SELECT 2)

SELECT a LIKE 'x%', a NOT LIKE b ESCAPE '!', a IS NULL, a IS NOT NULL, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM NULL

SELECT a = ALL (SELECT 1), a <> ANY (SELECT 1), a >= SOME (VALUES 1), a = any(1), EXISTS (SELECT 1), NOT EXISTS (TABLE t)

SELECT a AT TIME ZONE 'UTC', a.b AT TIME ZONE INTERVAL '1' HOUR AT TIME ZONE 'Europe/Berlin', at

SELECT CASE WHEN a THEN 1 WHEN b THEN 2 ELSE 3 END, CASE a WHEN 1 THEN 2 END, CASE WHEN a THEN CASE b WHEN c THEN d END END

SELECT CAST(a AS varchar(10)), TRY_CAST(a AS decimal(10, 2)), cast(a as row(x bigint, "Y z" varchar, double precision, bigint array)), CAST(a AS map(varchar, array(json))), cast(a as timestamp(3) with time zone), cast(a as time without time zone), cast(a as ARRAY<MAP<varchar,bigint>>), cast(a as interval day to second), cast(a as int array[3]), cast(a as double precision), cast(a as row(varchar, int)), cast(a as row(date date, time time(3), "map" map(int,int)))

SELECT ARRAY[], ARRAY[1, 2][1], ROW(1, 'a').field0, (1, 2), row(1), array

SELECT transform(a, x -> x + 1), reduce(a, 0, (s, x) -> s + x, s -> s), f(() -> 1), filter(map_values(CAST(json_extract(json_parse(eventJson), '$.a') AS map(varchar, json))), p -> CAST(json_extract(p, '$.b') AS varchar) = 'x'), zip_with(a, b, (x, y) -> (x, y))

SELECT count(*), count(DISTINCT a), count(ALL a), sum(a) FILTER (WHERE b > 1), array_agg(a ORDER BY b DESC NULLS FIRST, c), f(), if(a, b, c), date(x), "date"(x), cat.sch.f(x), count, filter, f(all)

SELECT rank() OVER (PARTITION BY a, b ORDER BY c), lag(a) IGNORE NULLS OVER w, first_value(a) RESPECT NULLS OVER (w ORDER BY x), sum(a) OVER (), count(*) FILTER (WHERE a) OVER (ORDER BY b ROWS UNBOUNDED PRECEDING) FROM t WINDOW w AS (PARTITION BY a), v AS (w ORDER BY b)

SELECT sum(a) OVER (ORDER BY b RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW), sum(a) OVER (ORDER BY b GROUPS BETWEEN 1 PRECEDING AND UNBOUNDED FOLLOWING), sum(a) OVER (ROWS BETWEEN x + 1 FOLLOWING AND 3 FOLLOWING), sum(a) OVER (rows), sum(a) OVER (PARTITION BY a ROWS 3 PRECEDING)

SELECT listagg(a, ', ') WITHIN GROUP (ORDER BY b), LISTAGG(DISTINCT a ON OVERFLOW TRUNCATE '...' WITHOUT COUNT) WITHIN GROUP (ORDER BY a DESC) FILTER (WHERE c), listagg(a, '-' ON OVERFLOW ERROR) WITHIN GROUP (ORDER BY a)

SELECT EXTRACT(YEAR FROM a), position('a' IN b), substring(a FROM 1 FOR 2), substring(a FROM 2), substring(a, 1, 2), trim(a), trim(LEADING 'x' FROM a), trim(BOTH FROM a), trim('x' FROM a), TRIM(a, 'x'), trim(trailing from a), normalize(a), normalize(a, NFKC), grouping(a, t.b.c)

SELECT a x, b AS "y z", c AS limit, d "q" FROM t AS u (p, q), v w

SELECT * FROM a JOIN b ON a.x = b.x LEFT JOIN c USING (x, y) RIGHT OUTER JOIN d ON true FULL JOIN e ON true CROSS JOIN f NATURAL JOIN g NATURAL LEFT OUTER JOIN h INNER JOIN i USING (z)

SELECT * FROM a JOIN b JOIN c ON b.x = c.x ON a.x = b.x, (d JOIN e USING (x)) AS de (p), ((f)), (a CROSS JOIN b) JOIN c ON true

SELECT * FROM a JOIN (b CROSS JOIN c) ON true

SELECT * FROM t CROSS JOIN UNNEST(a, b) WITH ORDINALITY AS u (x, y, n), UNNEST(m) AS kk (k) , LATERAL (SELECT 1) l, unnest(r) rr

SELECT * FROM t TABLESAMPLE BERNOULLI (10), u AS v TABLESAMPLE SYSTEM (0.5 + x)

SELECT a FROM t WHERE x GROUP BY a, 1, (b, c), (), ROLLUP (a, (b, c)), CUBE (a, b), GROUPING SETS ((a), (a, b), ()), (a + b) * c HAVING count(*) > 1

SELECT a FROM t GROUP BY DISTINCT ROLLUP (a), ROLLUP (), ALL ORDER BY 1 DESC, a NULLS FIRST, b ASC NULLS LAST

SELECT 1 ORDER BY 1 OFFSET 5 ROWS LIMIT 10

SELECT 1 OFFSET 1 ROW FETCH FIRST 3 ROWS ONLY

SELECT 1 FETCH NEXT ROW ONLY

SELECT 1 ORDER BY 1 FETCH FIRST 10 ROWS WITH TIES

SELECT 1 LIMIT ALL

SELECT 1 OFFSET ? LIMIT :n

SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 INTERSECT SELECT 4 EXCEPT ALL SELECT 5

(SELECT 1 UNION SELECT 2) INTERSECT DISTINCT (SELECT 1 ORDER BY 1 LIMIT 1) ORDER BY 1

((SELECT 1))

SELECT 1 UNION (SELECT 2 UNION (SELECT 3))

SELECT (SELECT 1), ((SELECT 1)), ((SELECT 1) + 1), ((SELECT 1) UNION (SELECT 2) LIMIT 1), (WITH a AS (SELECT 1) TABLE a)

VALUES 1, (2, 'a'), ROW(3, 'b')

TABLE t ORDER BY 1

SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t (n, s)

WITH a AS (SELECT 1), b (x, y) AS (WITH c AS (SELECT 1, 2) SELECT * FROM c) SELECT * FROM a, b

WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 10) SELECT * FROM r

WITH function AS (SELECT 1), session (a) AS (SELECT 1) (SELECT * FROM function)

SELECT user, date, key, value, type, time, timestamp, count, if, position, substring, window, over, limit, offset, "select", map, json, try_cast, row FROM t AS data

SELECT 'x'ORDER BY 1

SELECT a FROM t window WINDOW window AS ()

SELECT 1 limit, 2 offset, 3 fetch FROM t fetch LIMIT 3

SELECT :p, ?, a BETWEEN ? AND :until_2

SELECT-1-1,a--1
FROM t/**/WHERE/* -- */a

SELECT requestParameters['k'], element_at(resources, 1).arn, userIdentity.sessionContext.sessionIssuer.userName FROM t WHERE userIdentity . arn = 'x'

SELECT json_exists(a FORMAT JSON ENCODING UTF8, 'lax $' AS p PASSING b AS x, '{}' FORMAT JSON AS "y" UNKNOWN ON ERROR), json_value(a, 'lax $' RETURNING decimal(3,1) DEFAULT -1 ON EMPTY ERROR ON ERROR), json_value(a, 'lax $' NULL ON ERROR)

SELECT json_query(a, 'strict $' RETURNING varbinary FORMAT JSON ENCODING UTF16 WITH CONDITIONAL ARRAY WRAPPER KEEP QUOTES ON SCALAR STRING EMPTY ARRAY ON EMPTY EMPTY OBJECT ON ERROR), json_query(a, 'lax $' WITHOUT WRAPPER OMIT QUOTES), json_query(a, 'lax $' WITH WRAPPER NULL ON EMPTY)

SELECT json_object(), json_object(RETURNING varchar), json_object('a' : 1, KEY b VALUE c FORMAT JSON, key : 1, key.x VALUE 2, KEY key VALUE key, KEY (a || b) VALUE (SELECT 1) ABSENT ON NULL WITH UNIQUE KEYS RETURNING varchar(10) FORMAT JSON)

SELECT json_array(), json_array(1, a FORMAT JSON, :p NULL ON NULL RETURNING varbinary FORMAT JSON ENCODING UTF8), json_object('x' : :p, 'y' : ? WITHOUT UNIQUE)

SELECT ((WITH c AS (SELECT 1 AS x) SELECT x FROM c)), (((WITH c AS (SELECT 1 AS x) SELECT x FROM c)) + 1)

SELECT x FROM ((WITH c AS (SELECT 1 AS x) SELECT x FROM c)) t

SELECT x FROM ((WITH c AS (SELECT 1 AS x) SELECT x FROM c) JOIN b ON true)

SELECT 1 IN ((WITH c AS (SELECT 1 AS x) SELECT x FROM c)), 1 IN ((WITH c AS (SELECT 1 AS x) SELECT x FROM c), 2)

SELECT 1e999, -1e999

SELECT interval - 1, interval + x, interval - interval '1' day, interval -'1' day, a + interval - 1 FROM t

SELECT LISTAGG(a) WITHIN GROUP (ORDER BY a) OVER (PARTITION BY b), EXTRACT(YEAR FROM c) FROM t
