package command

import (
	"strings"

	"github.com/spf13/cobra"
)

// checkHelp has cobra's help refuse what there is no help about, for which it prints that of
// the program and ends well.
func checkHelp(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	for _, help := range root.Commands() {
		if help.Name() == "help" {
			help.Example = "  traillake help report run\n  traillake help sql"
			help.Args = func(_ *cobra.Command, args []string) error { return hasHelp(help, root, args) }
		}
	}
}

// checkCompletion has cobra's completion refuse shells that it does not know, for which it prints
// its help and ends well.
func checkCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Args, c.RunE = onlySubcommands, showHelp
		}
	}
}

// hasHelp reports a word of a path that is no command and no topic below cmd.
func hasHelp(help, cmd *cobra.Command, path []string) error {
	if len(path) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.Name() == path[0] || c.HasAlias(path[0]) {
			return hasHelp(help, c, path[1:])
		}
		if !c.Hidden {
			names = append(names, c.Name())
		}
	}
	switch like := didYouMean(path[0], names); {
	case len(names) == 0:
		return usagef(help, "no help about %q; %s has no commands", path[0], cmd.CommandPath())
	case like != "":
		return usagef(help, "no help about %q%s", path[0], like)
	default:
		return usagef(help, "no help about %q; there are: %s", path[0], strings.Join(names, ", "))
	}
}

// helpTopics are commands that only have a help text.
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "exit-codes", Short: "What the exit code of a command means", Long: exitCodesHelp},
		{Use: "environment", Short: "The environment variables that are read", Long: environmentHelp},
		{Use: "s3", Short: "Logs and lakes on S3: credentials, other services", Long: s3Help},
		{Use: "formats", Short: "The output formats and how they write values", Long: formatsHelp},
		{Use: "sql", Short: "The SQL: tables, columns, time, parameters, what is refused", Long: sqlHelp},
		{Use: "json", Short: "The JSON that commands print about themselves", Long: jsonHelp},
	}
}

const exitCodesHelp = `Every command ends with one of these exit codes:

    0  done; a query without rows is done
    1  failed; the reason is on standard error
    2  the command line is wrong; nothing was done
    3  the command ran to its end and found problems, which it lists:
       ingest put something into quarantine, could not read an object, or found
       one that is not what CloudTrail's digests say, or missed one that they name
       (with --dry-run: could not list or read one),
       copy found something damaged, which it copied as it is,
       verify or digest verify found something wrong, queries check found a mistake,
       queries import sigma refused a rule, or a query of its name differs,
       report diff found that reports differ, report verify that one is not as signed,
       bench compare found a ratio that has become worse, bench concurrent or all a wrong
       answer, an error or too much memory,
       report run has a control that is findings, missing or incomplete (failed is 1,
       and review is 0, also where data of the period is missing);
       of schedule run findings do not count, and a run or a notice that failed is 1,
       as is what a clock recorded that was ahead
  130  interrupted by Ctrl-C or a signal; what was committed before stays. What goes on
       until it is stopped ends with 0 then: ingest --watch and --queue, schedule run --watch
       (1 where it runs not all, since a clock was ahead)
  141  who read standard output has closed it, as head does; nothing is said about it`

const environmentHelp = `Flags come first, then the environment, then the default.

  TRAILLAKE_LAKE      folder of the lake, or s3://BUCKET/PREFIX, where --lake is not
                      given
  TRAILLAKE_QUERIES   folder of your own saved queries and packs, where --queries is
                      not given
  TRAILLAKE_REPORT_KEY
                      file of the key that signs reports, where --key is not given
  XDG_CONFIG_HOME     that key is in $XDG_CONFIG_HOME/traillake by default,
                      else in ~/.config/traillake
  XDG_DATA_HOME       the lake is in $XDG_DATA_HOME/traillake by default,
                      else in ~/.local/share/traillake
  XDG_CACHE_HOME      copies of files of a lake on S3, and results of queries over any
                      lake, are in $XDG_CACHE_HOME/traillake, else in ~/.cache/traillake,
                      where --cache-dir does not say
  TRAILLAKE_RESULT_CACHE
                      about the most bytes of results that are kept for when the same
                      is asked again, such as 1GB (default: 256MiB); 0 keeps none. They
                      are in the folder results of the one above
  XDG_STATE_HOME      the shell keeps its history in $XDG_STATE_HOME/traillake, and
                      ingest what it has listed of places on S3,
                      else in ~/.local/state/traillake
  TRINO_HOME, JAVA_HOME
                      folder of an unpacked trino-server, with which bench query compares
                      (default: /usr/lib/trino), and of its Java (default: that on the PATH)
  VISUAL, EDITOR      the editor of the shell's \edit, the first one that is set
  AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID and the others of AWS's tools
                      how AWS is reached, where the flags of 'traillake help s3' do
                      not say; AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL name another
                      service than AWS's
  HTTP_PROXY, HTTPS_PROXY, NO_PROXY
                      the proxy by which AWS, webhooks and Slack are reached, and for which
                      hosts there is none; in lower case, too
  NO_COLOR            any value: no colours, as with --no-color
  TERM                dumb: no colours and no progress
  GOMEMLIMIT          from which size of memory on garbage is collected more often, in the
                      place of five sixths of an ingest's --max-memory, and of a quarter
                      of what the process may take for queries and reports
  TMPDIR              where queries spill what does not fit into memory, and
                      where demo makes its folder`

const formatsHelp = `Commands that print rows take --format:

  table      lines drawn for people; the default on a terminal, where values that
             do not fit are cut with an ellipsis (they are never cut elsewhere: there
             a value of more than 500 characters sticks out of the frame)
  csv        with a header, RFC 4180; the default where standard output is a file
             or a pipe
  tsv        with a header; tab, line end and backslash are written \t \n \\
  json       one array of objects
  jsonl      one object per line
  markdown   a table for GitHub
  parquet    a Parquet file; needs -o FILE or a redirected standard output

In table, csv, tsv and markdown, values are written as CloudTrail Lake writes them:
timestamps as 2023-01-22 16:53:53.000 (UTC), arrays as [a, b], maps and rows as
{k=v, k2=v2}. NULL is empty; in csv an empty text is "".

json and jsonl keep types: numbers, booleans, arrays, objects for maps and rows,
timestamps as RFC 3339 with Z, those with time zone with their offset. Where two
columns have one name, the second gets _1.

Control characters and marks of direction are escaped in table, markdown, json and
jsonl; in csv and tsv only on a terminal, which they could take over. Files and pipes
get the bytes.

With -o FILE the format follows the file's ending (.csv .tsv .json .jsonl .md
.parquet) unless --format says otherwise. The file appears when it is complete.`

const sqlHelp = `A query is one SELECT in CloudTrail Lake's SQL, which is Trino's.

Tables are event data stores: by name (events), by id, by ARN in double quotes, or
$EDS_ID for the one that --store names. A query may join several.

Columns are those of CloudTrail Lake; 'traillake store show events --columns' lists
them. Names are case-insensitive.

  userIdentity.arn                               a field of a row
  element_at(requestParameters, 'bucketName')    a value of a map, NULL where there is none
  requestParameters['bucketName']                the same, an error where there is none
  json_extract_scalar(eventJson, '$.tlsDetails.tlsVersion')
                                                 anything of the record as delivered

The values of maps are varchar; one that is an object or array in the record is its
JSON text. Members of 'resources' need UNNEST:

  SELECT r.arn FROM events CROSS JOIN UNNEST(resources) AS t (r)

Times are UTC. A text stands for a time: eventTime > '2023-07-10'. A bound on eventTime
lets the query open only the files of those days; it is understood in WHERE, through
subqueries, CTEs, BETWEEN, IN, OR, date_trunc, date(eventTime) and arithmetic with now():

  WHERE eventTime >= date_add('day', -7, now())

Texts stand in single quotes, names that need it in double quotes. A name with a colon
or hyphen in a JSON path is taken as it is: '$.requestParameters.x-amz-acl'.

Parameters are :name (--param name=value), and ? or, as in the widgets of dashboards, '?'
(--arg value). They are typed constants.

Refused by name: MATCH_RECOGNIZE, JSON_TABLE, table functions, time travel, inline
functions, sketches (approx_set, tdigest_agg), checksum, reduce_agg, and whatever changes
data. A statement has at most 10,000 characters. WITH RECURSIVE ends with an error after
1,000 rounds.

--explain shows the files that a query would read. 'traillake shell' completes names, and
there \df lists the functions. --dialect duckdb takes DuckDB's SQL over the same columns,
where one is more at home in it.`

const jsonHelp = `The JSON below is a contract: fields may be added, so ignore what you do not know;
none is renamed or removed. Counts are exact, sizes are in bytes, times are RFC 3339
in UTC.

traillake ingest --json prints one object, and with --watch or --queue one in a line, and a
line more for each round that took something in or met a failure that is new. Of what has
to do with digests, and of lists, what is 0 or empty is left out:
  store                 the store's name
  objectsListed         = objectsExcluded + objectsLeftOut + objectsKnown
                          + objectsWaiting + objectsIngested + objectsFailed
  objectsExcluded       not chosen by --from, --to, --account, --region
  objectsUntold         those of objectsExcluded whose path does not tell
  objectsLeftOut        no CloudTrail logs by name or place; leftOut has reasons, each with
                        objects, the most frequent first; a folder that was not looked
                        into is one object, and folders is how many of them are folders
  objectsKnown          ingested before
  objectsIngested       read now; objectsDamaged of them have quarantined parts,
                        objectsChanged of them were ingested before, from another place
                        or with other content
  objectsFailed         could not be read; the next ingest tries them again
  objectsWaiting        no valid digest names them (--verify-digests require)
  objectsVerified, objectsMismatched
                        of objectsIngested, are and are not what a digest says
  logsMissing           logs that valid digests name and that are not there; those that
                        an earlier ingest found missing are not counted again;
                        logsUnknown: of which that cannot be told; digestsMissing:
                        digests that others name and that are not there or not valid,
                        or that are there and not CloudTrail's, a day's run of these as
                        one; digestsUnread: digests that could not be read;
                        digestsInvalid: all that are not valid, not there or not readable
  laterVerified, laterMismatched
                        of earlier ingests, got their verdicts now
  laterUnhashed         of earlier ingests, have none although digests name them, since
                        no hash of their text was kept: see --reread
  recordsRead           = recordsStored + recordsFiltered + recordsQuarantined
  bytesRead, bytesText  as delivered, and decompressed
  bytesStored, files    of the data files that were added
  commits, snapshot     how many commits, and the id of the last one's snapshot, which is
                        absent where nothing was committed
  elapsedNanoseconds    how long it took
  failures, damage, mismatches, missing, unread, lost
                        the first few problems: object, offset, reason

traillake digest verify --json prints one object:
  from, to              the times asked for; absent without
  trails                one for each trail, account and region: bucket, prefix (before
                        the account in keys or paths), account, region, trail,
                        homeRegion; foundFrom, foundTo (what valid digests cover);
                        digests, backfillDigests, logs (each valid, invalid,
                        unchecked); gaps (CloudTrail made no digests), unsigned (no
                        valid digest covers the time; each from, to, reason, logs);
                        outside (logs before the first and after the last valid
                        digest, untold: without a time in the name); uncheckedDigests
  findings              kind (digest, log, none), account, region, trail, backfill,
                        object, verdict (as validate-logs says it), detail
  withoutDigests        account, region, logs
  digests, backfillDigests, logs
                        of all trails

traillake ingest --dry-run --json prints one object: store and the counts of objects as
above, where objectsFailed are those that cannot be listed or, of a sample, read, and
  objects, bytes        what would be read, as delivered
  first, last           the days of delivery of these objects, if their keys tell
  accounts, regions     of their folders
  estimateNanoseconds   about how long it would take, from reading sample objects
  elapsedNanoseconds    how long listing took

traillake store show NAME --format json prints one object:
  name, id, arn, lake, created, region, account
  advancedEventSelectors
                        as in CloudTrail's API; absent when every event is taken
  retentionDays, terminationProtection, legalHold, historyDays
                        the settings that store update changes
  deleted               when the store was deleted; absent while it is not
  events, bytes, files  what is live in the newest snapshot
  firstEvent, lastEvent the range of eventTime; absent while there are no events
  objects, quarantined  source objects ingested; records and objects in quarantine
  commits, lastCommit   number and time of the last commit
  snapshot              id of the newest snapshot; 0 while there is none

traillake verify --json prints one object:
  lake, deep            the folder, and whether --deep was given
  checks                what was checked: id, title, and checked, the number of
                        things (unit says which) that it was checked on
  problems              what is wrong: check (an id), store, path, reason;
                        the exit code is 3 if there are any
  orphans               files that no commit names: path, size; no problem
  repaired              what --repair did: store, path, what; absent if nothing
  audit                 with --export-audit: for each store the last commit and the
                        sha256 of its record, the store's last line of the file

traillake verify --against --json prints one object:
  statement             what verify.json of the folder says; absent where the folder is
                        not as it was signed, and then nothing else is compared
  folder                signed, signer (fingerprint of the key), problems (file, what)
  trusted               whether --public-key said whose the key is
  commits               commit records, whose chain is unbroken
  lake, sources         same, changed, missing, notListed, unknown (listed without a
                        hash), streams (came through standard input): numbers of files;
                        absent where not compared
  findings              where (lake or sources), name, outcome, detail: what is changed
                        or missing, and what --verbose names
  digests               with --public-keys: as digest verify --json

verify.json of verify --export has schema traillake.evidence/1:
  tool, lake (id, created), deep
  checks, problems      as of verify --json; notChecked: sentences
  stores                name, id, commit (its number), committed (its time), snapshot;
                        heads (path and sha256 of metadata, of the newest commit record
                        and ledger file), audit (the file with the commit records),
                        events, dataFiles, dataBytes, objects, records, filtered,
                        quarantined; verified, unverified, failed (objects); missingLogs
                        (that digests name and that were not there to be ingested),
                        missingDigests (that digests name and that were not there, or
                        not valid)
  files, bytes, objects the numbers of rows of files.csv and objects.csv, and the size
                        of all files

traillake bench ingest, query and the others print with --format json one object:
  schema                traillake.bench/1
  kind, title           the benchmark, and what was measured
  tool, command         the program and its version, and a command that measures it again
  started, took         when it began, and for how many seconds it ran
  seed                  selects the generated logs; 0 where nothing depends on it
  sizes                 how much there was to do: name, unit, value
  settings, versions    name and value, name and version
  host                  cpu, cores, memory, os, arch, kernel, fileSystem, and load, when it
                        began
  systems               what was measured: name, text
  tasks                 what each had to do: name, group, title, texts (systems, text)
  cases                 the figures: task, variant (warm, cold), system, measures
    measures            name, unit, better (lower, higher or empty), all runs, median, min,
                        max, mad (median absolute deviation)
  ratios                task (empty for the geometric mean), variant, measure, system,
                        baseline, better, value: the median of system over that of baseline
  views                 what is worth showing: title, variant, measure, system, x
  agreement, findings, limits
                        sentences: which results are equal, what follows, what does not
'traillake bench schema' prints its JSON Schema, 'traillake bench compare' compares two.

traillake report run --format json prints one object, the same for the same pack,
period and snapshot:
  schema                traillake.report/1
  tool                  the program and its version
  pack                  name, title, framework, version, description, and scope, what
                        the pack cannot show
  catalogue             SHA-256 of the pack and its queries, as they were run
  period                since, until (not included), timeZone (absent for UTC)
  store                 name, id, snapshot, commit (its number), committed (its time),
                        distinctEvents (each event was read once)
  coverage              what the store holds of the period: events, first, last,
                        categories (events by eventCategory), days (day, events),
                        daysWithout (days without events), completeThrough (when the
                        last log file was delivered), gaps (kind, account, region,
                        days, text), digests (log files by what CloudTrail's digests
                        say: verified, unverified, failed, each objects and records;
                        missing, the number of those that they name and that were not
                        there to be ingested; missingDigests, of digests that they name
                        and that were not there, or not valid), repeated (log files that
                        the store had before, from another place or with other content:
                        objects and records)
    places              what there is of each account and region: events, days, objects,
                        records, filtered, quarantined, repeated, digests, lastDelivery,
                        deliveryDays (how many), silentDays (without), missingDays
                        (those that are gaps)
  counts                records = stored + filtered + quarantined, stored = events +
                        removed; period of the events; and whether they reconcile
  activity              principals with the most events: name, events, changes, errors
  summary               number of controls by verdict
  controls              id, section, title, requirement, severity, expect (none, some
                        or review), evidence and limits, as the pack has them; and
    verdict             pass, evidence, review, incomplete, missing, findings or failed
    reason              why it is incomplete, missing or failed
    rows                number of rows of all its queries; limited: there may be more
    results             the id of each of its results
  results               one for each query that ran, with its first rows:
    id, query           the query's name is the id, with #2 and so on for other params
    title, description, next, sql
                        of the saved query; next is what to do with the rows
    params              the values of its parameters, as text
    file                in a folder, the CSV with all rows
    columns             name and type (in SQL) of each
    rows                arrays of values, as many as --max-rows
    count               number of all rows; limited: the pack's own limit was reached
    error               why the query did not run to its end

It is the file report.json of --to; 'traillake report schema' prints its JSON Schema.

A webhook of a schedule is posted one object, with the headers Idempotency-Key (the id)
and, with --webhook-secret, Traillake-Signature: t=UNIX,v1=HEX, the HMAC-SHA256 with the
key of UNIX, a full stop and the body:
  schema                traillake.notice/1
  id                    the same whenever the notice is repeated
  schedule, due         the schedule's name and the due time
  outcome               reported or failed
  report, title         the pack or query, and its title
  period                since, until (not included); absent where no report was made
  changed               whether findings or gaps are not those of the report before
  verdicts              number of controls by verdict
  incomplete            which data is missing or cannot be trusted; absent if none is known to be
  attempts, error       how often it was tried, and why the last attempt failed
  summary               lines for people; link: where the report is

traillake report verify --format json prints one object (not of an exported result):
  signed, signer        whether there is a signature, and the fingerprint of its key
  problems              what is wrong: file, what; the exit code is 3 if there are any
  manifest              what the folder holds by its own account, absent where that cannot
                        be read: schema (traillake.manifest/1), tool, pack, period (since,
                        until, timeZone), store, snapshot; files (name, size, sha256)

traillake report diff --format json prints one object:
  header                what, before, after: parts of what was looked at that differ
  controls              that differ: id, title; before, after, the verdicts, empty where a
                        report has no such control; rowsBefore, rowsAfter; and
                        failedBefore, failedAfter (a query failed, so that rows are not
                        compared), limitedBefore, limitedAfter (there may be more rows)
  rows                  one for each result whose rows differ or are not compared: result
                        (its id), controls, columns; new, gone (arrays of rows), changed
                        (before, after); and failedBefore to limitedAfter as of controls

traillake schedule show --format json prints one object:
  v, name, cron, timeZone, report, params, store, period, to, link, requireComplete,
  waitUpTo, attempts, backoff, catchUp, keep
                        as 'traillake schedule add' was given them; times such as 1h30m0s
  notices               whom to tell: kind (webhook, slack, sns, email), to, when, secret,
                        smtp, from, user, password; what is secret is a reference
  from                  due times after this one count
  pauses                when it was paused: since, until (absent while it is)
  nextDue               null where it is paused, or never due again

Commands with --format json that are not named here print rows: see 'traillake help formats'.`
