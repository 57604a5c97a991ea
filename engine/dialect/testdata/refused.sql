# What must fail, in the parser or here: other systems' forms, and ways out of the
# language. Empty lines separate the statements.
SELECT * FROM read_csv('x')

SELECT read_csv('x')

SELECT * FROM 'f.parquet'

SELECT * FROM "f.parquet"

COPY trail TO 'x'

COPY (SELECT 1) TO 'x'

ATTACH 'x'

INSTALL httpfs

LOAD httpfs

PRAGMA database_list

SET memory_limit = '1GB'

CALL pragma_version()

EXPLAIN SELECT 1

DESCRIBE trail

SHOW TABLES

WITH a AS (SELECT 1) INSERT INTO trail SELECT * FROM a

INSERT INTO trail SELECT 1

DELETE FROM trail

UPDATE trail SET eventName = 'x'

CREATE TABLE x AS SELECT 1

DROP TABLE trail

SELECT 1; SELECT 2

SELECT 1; DROP TABLE trail

SELECT eventName::varchar FROM trail

SELECT $$x$$

SELECT E'\n'

SELECT eventName FROM trail WHERE eventName == 'x'

SELECT eventName FROM trail QUALIFY row_number() OVER () = 1

SELECT eventName, count(*) FROM trail GROUP BY ALL

SELECT * EXCLUDE (eventName) FROM trail

SELECT * REPLACE (1 AS eventName) FROM trail

SELECT COLUMNS(*) FROM trail

SELECT COLUMNS('event.*') FROM trail

FROM trail

FROM trail SELECT eventName

SELECT #1 FROM trail

SELECT x: 1

SELECT [x FOR x IN ARRAY[1]]

SELECT [1, 2]

SELECT {'a': 1}

PIVOT trail ON eventName

SELECT * FROM trail PIVOT (count(*) FOR eventName IN ('a'))

SELECT * FROM trail a ASOF JOIN other b ON a.eventTime >= b.eventTime

SELECT 1 FROM trail ASOF JOIN other ON true

SELECT 1 FROM trail POSITIONAL JOIN other

SELECT 1 FROM trail SEMI JOIN other USING (eventID)

SELECT 1 FROM trail ANTI JOIN other USING (eventID)

SELECT 1 FROM trail WHERE eventName ILIKE 'x'

SELECT 1 FROM trail WHERE eventName GLOB 'x'

SELECT 1 FROM trail WHERE eventName SIMILAR TO 'x'

SELECT 1 FROM trail WHERE eventName ~ 'x'

SELECT 2 ** 3

SELECT 7 // 2

SELECT eventName FROM trail LIMIT 10%

SELECT eventName FROM trail USING SAMPLE 10%

SELECT main.lower('x')

SELECT system.main.lower('x')

SELECT getvariable('x')

SELECT current_setting('x')

SELECT duckdb_settings()

SELECT * FROM duckdb_settings()

SELECT * FROM duckdb_tables

SELECT * FROM information_schema.tables

SELECT * FROM pragma_version()

SELECT _raw FROM trail

SELECT t._raw FROM trail t

SELECT "_RAW" FROM trail

SELECT "$path" FROM trail

SELECT rowid FROM trail

SELECT file_row_number FROM trail

SELECT filename FROM trail

SELECT * FROM TABLE(read_csv('x'))

SELECT * FROM trail FOR VERSION AS OF 1

SELECT current_user

SELECT current_schema

SELECT user()

SELECT version()

SELECT error('x')

SELECT query('SELECT 1')

SELECT * FROM query('SELECT 1')

SELECT * FROM glob('*')

SELECT read_text('x')

SELECT getenv('HOME')

SELECT nextval('s')

SELECT set_config('a', 'b')

SELECT write_log('x')

SELECT t_fail('x', 'y')

SELECT json_serialize_sql('SELECT 1')

SELECT unnest(ARRAY[1])

SELECT list_transform(ARRAY[1], x -> x)

SELECT struct_pack(a := 1)

SELECT lambda x : x

SELECT list_filter(ARRAY[1], lambda x : x > 0)

SELECT eventName FROM trail WHERE rowid = 1

SELECT * FROM (DESCRIBE trail)

SELECT * FROM (SHOW TABLES)

SELECT * FROM (FROM trail)

SELECT * FROM (PRAGMA x)

SELECT eventName FROM trail ORDER BY ALL

SELECT DISTINCT ON (eventName) eventName FROM trail

SELECT eventName FROM trail WHERE eventName IN trail

SELECT TRY(read_text('x'))

SELECT 1 FROM trail WHERE (SELECT read_blob('x')) IS NULL

SELECT eventName INTO x FROM trail

SELECT * FROM trail FOR UPDATE

SELECT 'a' COLLATE nocase

SELECT INTERVAL 1 DAY

SELECT INTERVAL '1 day'

SELECT eventName FROM trail LIMIT 1 OFFSET 1

SELECT eventName FROM other.secrets

VALUES (1, 2), (3)

SELECT * FROM JSON_TABLE('{}', 'lax $' COLUMNS (a int))

SELECT * FROM trail MATCH_RECOGNIZE (PATTERN (A) DEFINE A AS true)

WITH FUNCTION f() RETURNS int RETURN 1 SELECT f() FROM trail

SELECT * FROM trail FOR TIMESTAMP AS OF TIMESTAMP '2024-01-01 00:00:00'

EXPORT DATABASE 'x'

IMPORT DATABASE 'x'

CREATE SECRET s (TYPE s3)

CREATE MACRO m() AS 1

CREATE VIEW v AS SELECT 1

CHECKPOINT

VACUUM

PREPARE p AS SELECT 1

EXECUTE p

RESET lock_configuration

SET VARIABLE x = 1

CALL enable_logging(storage = 'file')

SELECT * FROM read_text('/etc/passwd')

SELECT * FROM sniff_csv('x')

SELECT * FROM parquet_metadata('x')

SELECT * FROM json_execute_serialized_sql('x')

SELECT json_execute_serialized_sql('x')

SELECT * FROM read_ndjson_objects('/proc/self/environ')

SELECT * FROM trail, read_blob('/etc/passwd')

SELECT 1 FROM trail JOIN 'f.parquet' ON true

SELECT t_sql_json_value('{}', 'lax $', 'snn', ARRAY['x'])

SELECT json_text('{}')
