package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/internal/hostmemory"
	"traillake/lake"
	"traillake/queries"
)

const queryLong = `Query answers one SELECT over the event data stores of the lake.

A store is a table: by its name, its id, or its ARN in double quotes. $EDS_ID stands
for the store that --store names. The columns are those of CloudTrail Lake; 'traillake
store show events --columns' explains them. Names are case-insensitive.

The SQL is CloudTrail Lake's own, which is Trino's: queries that were written for Lake run
as they are. Athena's table of CloudTrail logs has eventTime, readOnly and the JSON of
requests as texts; what asks for these needs Lake's types. A value of a map is
element_at(requestParameters, 'bucketName'), one in the record's JSON is
json_extract_scalar(eventJson, '$.tlsDetails.tlsVersion').
--dialect duckdb takes DuckDB's SQL instead, for use on this machine only.

A bound on eventTime (eventTime >= '2023-07-10 00:00:00') lets the query open only the
data files of those days. --explain shows which files and columns those are, and the SQL
of DuckDB that would run. --explain trino, or --explain=trino, writes the same query for a
real Trino over the same Iceberg tables: as iceberg.traillake.NAME, in a session in UTC.

--snapshot queries the state of the past: that after a commit, by the snapshot's id, or
that at a time. The newest 32 states are kept, that at every full hour for two days, and
that at every midnight, in UTC, for a week (store update --history-days).

The text may hold :name where --param NAME=VALUE gives a value, and ? where --arg VALUE
gives the next one; '?' in quotes, as in the widgets of Lake's dashboards, is one, too, if
there is a value for it. The value is put in as a typed constant, never as text: a varchar,
or what --param NAME:TYPE=VALUE and --arg TYPE:VALUE say, with TYPE one of string, strings
(a list for IN), integer, double, boolean, timestamp, date. A file in the form of a saved
query (see 'traillake queries') declares its own parameters.

--export leaves the rows as CloudTrail Lake delivers them to a bucket: compressed CSV
files and result_sign.json, the signature of their hashes. 'traillake report verify' checks
them, and so does what checks results of CloudTrail Lake, if it knows the key ('report key
export --format list-public-keys').

The rows of a query that took a moment are kept, up to 256 MiB of them, in the user's cache
folder ('traillake help environment'). When the same is asked again and no file that it reads has
changed, they are the answer; on a terminal the last line says so. --fresh computes them. What
is exported or reported is always computed.`

const queryExample = `  traillake query "SELECT eventName, count(*) AS n FROM events GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
  traillake query --format jsonl "SELECT eventJson FROM events WHERE errorCode = 'AccessDenied'"
  traillake query "SELECT element_at(requestParameters, 'bucketName'), count(*) FROM events GROUP BY 1"
  traillake query -o denied.parquet -f denied.sql
  traillake query --param ip=203.0.113.7 "SELECT * FROM events WHERE sourceIPAddress = :ip"
  traillake query --param since:timestamp=7d "SELECT count(*) FROM events WHERE eventTime >= :since"
  traillake query --arg AKIAIOSFODNN7EXAMPLE "SELECT * FROM events WHERE userIdentity.accessKeyId = ?"
  traillake query --snapshot 2h "SELECT count(*) FROM events"
  traillake query --export denied "SELECT * FROM events WHERE errorCode = 'AccessDenied'"
  traillake query --explain trino "SELECT * FROM events WHERE eventTime > '2023-07-10'"
  echo "SELECT count(*) FROM \$EDS_ID" | traillake query --store events -`

// engineOptions are the flags of commands that run SQL.
type engineOptions struct {
	store     string
	timeout   time.Duration
	maxMemory size
	distinct  bool
	snapshot  pointFlag
	explain   explanation
	fresh     bool
}

func (o *engineOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.store, "store", lake.DefaultStore, "the `name`, id or ARN of the store that $EDS_ID stands for")
	f.BoolVar(&o.distinct, "distinct-events", false, "read each event once where it was delivered several times: the first of those with one eventID and recipientAccountId")
	f.Var(&o.snapshot, "snapshot", "query the past: the `id` of a snapshot ('traillake store history' lists them), or a time, such as 2023-07-10 or 2h")
	f.DurationVar(&o.timeout, "timeout", 0, "end the query after this `time`, such as 90s or 10m (default 1h)")
	f.Var(&o.maxMemory, "max-memory", "the most memory that the query may use, such as 512MB (default: 2GiB, or a bit less than half of the machine's); more goes to temporary files")
}

func (o *engineOptions) addExplain(f *pflag.FlagSet) {
	f.Var(&o.explain, "explain", "run nothing: print the snapshot, files and columns that would be read, and DuckDB's SQL; for the `engine` trino, print the query as a real Trino takes it")
	f.Lookup("explain").NoOptDefVal = string(explainDuckDB)
}

// explanation is the value of --explain.
type explanation string

// The explanations. The zero value is none: the query runs.
const (
	explainDuckDB explanation = "duckdb"
	explainTrino  explanation = "trino"
)

// explained takes the value of --explain out of a command's arguments, where it stands
// behind a blank: a flag whose value may be left out does not take it from there. Only
// one argument too many can be it; none is wanted says that one is.
func (o *engineOptions) explained(args []string, noneWanted bool) []string {
	if o.explain == "" || len(args) < 2 && !noneWanted {
		return args
	}
	i := slices.IndexFunc(args, func(a string) bool { return new(explanation).Set(a) == nil })
	if i < 0 {
		return args
	}
	o.explain = explanation(args[i])
	return slices.Concat(args[:i], args[i+1:])
}

var _ pflag.Value = (*explanation)(nil)

// Set implements pflag.Value.
func (e *explanation) Set(s string) error {
	switch x := explanation(s); x {
	case explainDuckDB, explainTrino:
		*e = x
		return nil
	default:
		return fmt.Errorf("there are: %s, %s", explainDuckDB, explainTrino)
	}
}

// String implements pflag.Value.
func (e *explanation) String() string { return string(*e) }

// Type implements pflag.Value.
func (*explanation) Type() string { return "engine" }

// apply sets what the flags say.
func (o *engineOptions) apply(r engine.Request) engine.Request {
	r.Store, r.Timeout, r.MaxMemory, r.Snapshot = o.store, o.timeout, int64(o.maxMemory), o.snapshot.point
	r.DistinctEvents, r.Fresh = o.distinct, o.fresh
	return r
}

// validate is called by commands before they open anything.
func (o *engineOptions) validate() error {
	if o.timeout < 0 {
		return fmt.Errorf("--timeout %s: a time limit is positive", o.timeout)
	}
	return nil
}

// validateOutput finds flags that would not count for an explanation, which is text.
func (o *engineOptions) validateOutput(out *outputOptions) error {
	if o.explain != "" && out.given() {
		return errors.New("--explain prints text; leave out --format and -o")
	}
	return nil
}

// queryOptions are the flags of query.
type queryOptions struct {
	app     *app
	engine  engineOptions
	output  outputOptions
	export  exportOptions
	file    string
	dialect string
	params  []string
	args    []string
}

func newQuery(a *app) *cobra.Command {
	o := &queryOptions{app: a}
	cmd := &cobra.Command{
		Use:     "query {SQL | -f FILE | -}",
		Short:   "Answer one SELECT",
		Long:    queryLong,
		Example: queryExample,
		Args: func(cmd *cobra.Command, args []string) error {
			return arguments(0, 1, "")(cmd, o.engine.explained(args, o.file != ""))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			request, err := o.request(cmd, o.engine.explained(args, o.file != ""))
			if err != nil {
				return err
			}
			if o.export.dir != "" {
				return a.queryExport(cmd.Context(), request, &o.export)
			}
			return a.query(cmd.Context(), request, &o.engine, &o.output)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.file, "file", "f", "", "read the SQL from this `file`")
	f.StringArrayVar(&o.params, "param", nil, "value of a parameter, `name=value`; may be repeated")
	f.StringArrayVar(&o.args, "arg", nil, "`value` of the next ?; may be repeated")
	allowEmpty(f, "arg")
	f.StringVar(&o.dialect, "dialect", engine.DialectTrino.String(), "the `language` of the SQL: trino, which is CloudTrail Lake's, or duckdb")
	o.engine.addFlags(f)
	o.engine.addExplain(f)
	o.engine.addFresh(f)
	o.output.addFlags(f)
	o.export.addFlags(f)
	return cmd
}

// request reads the flags and the statement.
func (o *queryOptions) request(cmd *cobra.Command, args []string) (engine.Request, error) {
	dialect, err := engine.ParseDialect(o.dialect)
	params, paramsErr := parseParams(o.params)
	_, formatErr := o.output.choose(isTerminal(o.app.stdout))
	if err := errors.Join(err, paramsErr, formatErr, o.engine.validate(), o.engine.validateOutput(&o.output), o.export.validate(&o.output, o.engine.explain != "")); err != nil {
		return engine.Request{}, &usageError{cmd, err}
	}
	text, err := o.text(cmd, args)
	if err != nil {
		return engine.Request{}, err
	}
	r, err := bind(o.file, text, params, o.app.now())
	if err == nil {
		r.Args, err = parseArgs(o.args, o.app.now())
	}
	if err != nil {
		return engine.Request{}, &usageError{cmd, err}
	}
	r.Dialect = dialect
	return o.engine.apply(r), nil
}

// byteOrderMark is what some editors begin a file with that is UTF-8.
const byteOrderMark = "\ufeff"

// text returns the statement as it was given.
func (o *queryOptions) text(cmd *cobra.Command, args []string) (string, error) {
	switch {
	case o.file != "" && len(args) > 0:
		return "", usagef(cmd, "both -f and SQL are given; give one")
	case o.file != "" && o.file != "-":
		text, err := os.ReadFile(o.file)
		return strings.TrimPrefix(string(text), byteOrderMark), err
	case o.file == "-" || len(args) == 1 && args[0] == "-":
		if isTerminal(o.app.stdin) {
			return "", usagef(cmd, "- reads the SQL from standard input, which is a terminal; use 'traillake shell' to type it")
		}
		text, err := io.ReadAll(cancelReader{cmd.Context(), o.app.stdin})
		return strings.TrimPrefix(string(text), byteOrderMark), err
	case len(args) == 0 || strings.TrimSpace(args[0]) == "":
		return "", usagef(cmd, `no SQL; try: traillake query "SELECT count(*) FROM events"`)
	default:
		return args[0], nil
	}
}

// param is a --param flag.
type param struct {
	name, kind, value string
}

var paramPattern = regexp.MustCompile(`(?s)^([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+))?=(.*)$`)

func parseParams(flags []string) ([]param, error) {
	var list []param
	for _, f := range flags {
		m := paramPattern.FindStringSubmatch(f)
		if m == nil {
			return nil, fmt.Errorf("--param %q: give NAME=VALUE", f)
		}
		for _, p := range list {
			if p.name == m[1] {
				return nil, fmt.Errorf("--param: %s is given twice", p.name)
			}
		}
		list = append(list, param{m[1], m[2], m[3]})
	}
	return list, nil
}

// given returns the values by name, for a query that declares its parameters itself.
func given(params []param) (map[string]string, error) {
	values := make(map[string]string, len(params))
	for _, p := range params {
		if p.kind != "" {
			return nil, fmt.Errorf("--param %s:%s: the query declares the types of its parameters; give --param %s=VALUE", p.name, p.kind, p.name)
		}
		values[p.name] = p.value
	}
	return values, nil
}

// savedHeader is how a saved query begins.
var savedHeader = regexp.MustCompile(`(?m)\A\s*(--.*\n\s*)*--\s*name:`)

// bind makes a request of a text and its parameters: of a saved query, which declares
// their types, or of bare SQL, where the flags do.
func bind(file, text string, params []param, now time.Time) (engine.Request, error) {
	if savedHeader.MatchString(text) {
		q, err := queries.Parse(file, []byte(text))
		if err != nil {
			return engine.Request{}, err
		}
		return savedRequest(q, params, now)
	}
	r := engine.Request{SQL: text, Now: now, Params: make(map[string]queries.Value, len(params))}
	for _, p := range params {
		kind := queries.TypeString
		var err error
		if p.kind != "" {
			if kind, err = queries.ParseType(p.kind); err != nil {
				return r, fmt.Errorf("--param %s: %w", p.name, err)
			}
		}
		if r.Params[p.name], err = queries.ParseValue(kind, p.value, now); err != nil {
			return r, fmt.Errorf("--param %s: %w", p.name, err)
		}
	}
	return r, unused(text, r.Params)
}

// unused reports a value for a parameter that the statement does not have. That a parameter
// has no value is for the engine to say, which knows where it stands, as is what is wrong
// with a text that is no statement.
func unused(text string, values map[string]queries.Value) error {
	names, err := queries.Names(text)
	if err != nil {
		return nil
	}
	for _, n := range names {
		if _, ok := values[n]; !ok {
			return nil
		}
	}
	has := "no parameters"
	if len(names) > 0 {
		has = ":" + strings.Join(names, ", :")
	}
	for _, n := range slices.Sorted(maps.Keys(values)) {
		if !slices.Contains(names, n) {
			return fmt.Errorf("--param %s: no such parameter; the query has %s", n, has)
		}
	}
	return nil
}

// savedRequest makes a request of a saved query. The lines of its SQL are those of the
// file, so that errors name them.
func savedRequest(q *queries.Query, params []param, now time.Time) (engine.Request, error) {
	values, err := given(params)
	if err != nil {
		return engine.Request{}, err
	}
	r := engine.Request{SQL: strings.Repeat("\n", q.Line-1) + q.SQL, Now: now}
	r.Params, err = q.Values(values, now)
	return r, err
}

// parseArgs reads the values of --arg, which are VALUE or TYPE:VALUE.
func parseArgs(args []string, now time.Time) ([]queries.Value, error) {
	var list []queries.Value
	for i, text := range args {
		kind := queries.TypeString
		if name, rest, ok := strings.Cut(text, ":"); ok {
			if t, err := queries.ParseType(name); err == nil {
				kind, text = t, rest
			}
		}
		v, err := queries.ParseValue(kind, text, now)
		if err != nil {
			return nil, fmt.Errorf("--arg number %d: %w", i+1, err)
		}
		list = append(list, v)
	}
	return list, nil
}

// limitQueryMemory has garbage collected in time for the process to stay below what it may
// take: a quarter of that is for all that is not the database. GOMEMLIMIT decides where it
// is set.
func limitQueryMemory() {
	if limit := hostmemory.Limit(); limit > 0 {
		limitHeap(limit / 4)
	}
}

// openEngine opens the lake, as openLakeFor does, and an engine over it. The caller closes
// the lake.
func (a *app) openEngine(ctx context.Context, store string, limit time.Duration) (*lake.Lake, *engine.Engine, error) {
	limitQueryMemory()
	l, err := a.openLakeWithin(ctx, store, limit)
	if err != nil {
		return nil, nil, err
	}
	return l, engine.New(l, duck.New(), engine.Options{}), nil
}

// query runs one statement and writes its rows.
func (a *app) query(ctx context.Context, r engine.Request, eo *engineOptions, o *outputOptions) (err error) {
	_, e, done, err := a.openReusingEngine(ctx, r.Store, eo.timeout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if eo.explain != "" {
		explain := e.Explain
		if eo.explain == explainTrino {
			explain = e.ExplainTrino
		}
		text, err := explain(ctx, r)
		if err != nil {
			return err
		}
		_, err = io.WriteString(a.stdout, text)
		return err
	}
	result, err := e.Query(ctx, r)
	if err != nil {
		return err
	}
	return a.writeResult(ctx, o, result)
}
