package command

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"traillake/engine"
	"traillake/engine/encode"
	"traillake/queries"
)

const queriesLong = `Saved queries answer questions that come up again: who used the root user, which
access keys were made, who calls from where. Traillake comes with a catalogue; your own
go into a folder, as files that end in .sql:

  -- name: calls-of-a-user
  -- title: Calls of a user
  -- description: What one IAM user called, most frequent first.
  -- tags: identity
  -- params:
  --   user: string
  --   since: timestamp = now - 7 days
  --   limit: integer = 20
  SELECT eventSource, eventName, count(*) AS calls
  FROM $EDS_ID
  WHERE userIdentity.userName = :user AND eventTime >= :since
  GROUP BY eventSource, eventName
  ORDER BY calls DESC
  LIMIT :limit

The file is called after the query: calls-of-a-user.sql. --queries or TRAILLAKE_QUERIES
names the folder, which may be a checkout of a git repository that your team shares; a query
of yours takes the place of one of the catalogue with the same name. Times may be relative:
7d or now - 7 days, start of month. 'traillake queries new' writes a query to begin with, and
'traillake queries check' tests yours.

In an incident begin with what one key, address, principal or resource did, and which sessions
a key led to: 'traillake queries list --tag incident'.`

// catalogOptions are the flags of commands that look up saved queries.
type catalogOptions struct {
	app *app
	dir string
}

func (o *catalogOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.dir, "queries", "", "`folder` with your own saved queries (default: $TRAILLAKE_QUERIES)")
}

// load returns the catalogue together with the user's folder. A file that is wrong is
// reported and does not keep the others from being used.
func (o *catalogOptions) load() (*queries.Set, error) {
	dir := cmp.Or(o.dir, o.app.getenv(envQueries))
	if dir == "" {
		return queries.Catalog(), nil
	}
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("folder of saved queries: %w", err)
	}
	own, err := queries.Dir(dir)
	if err != nil {
		o.app.say("left out, because they are wrong ('traillake queries check %s' checks them):\n%v\n", dir, err)
	}
	return queries.Catalog().Merge(own), nil
}

func newQueries(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "queries",
		Short: "The saved queries: list, show, run, new, check, import; and packs of them",
		Long:  queriesLong,
		Example: `  traillake queries list
  traillake queries list --tag identity
  traillake queries show top-callers-by-source-ip
  traillake queries run top-callers-by-source-ip --param since=30d --param limit=5
  traillake queries run access-key-timeline --param key=AKIAIOSFODNN7EXAMPLE
  traillake queries new calls-of-a-user --to ./my-queries
  traillake queries check ./my-queries`,
		Args: onlySubcommands,
		RunE: showHelp,
	}
	cmd.AddCommand(newQueriesList(a), newQueriesShow(a), newQueriesRun(a), newQueriesPacks(a), newQueriesNew(a), newQueriesCheck(a), newQueriesImport(a))
	return cmd
}

func newQueriesList(a *app) *cobra.Command {
	o, out, tag := &catalogOptions{app: a}, &outputOptions{}, ""
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the saved queries",
		Long:  "List the saved queries with their tags and titles.",
		Example: `  traillake queries list
  traillake queries list --tag network
  traillake queries list --format json`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := o.load()
			if err != nil {
				return err
			}
			l := newListing(column{"name", ""}, column{"title", ""}, column{"severity", ""}, column{"tags", ""}, column{"source", ""})
			tags := map[string]bool{}
			found := false
			for _, q := range set.All() {
				for _, t := range q.Tags {
					tags[t] = true
				}
				if tag != "" && !slices.Contains(q.Tags, tag) {
					continue
				}
				found = true
				l.add(q.Name, q.Title, orNull(q.Severity), strings.Join(q.Tags, ", "), querySource(q))
			}
			if !found && tag != "" {
				return usagef(cmd, "--tag: no query has the tag %q; the tags are: %s", tag, strings.Join(sortedKeys(tags), ", "))
			}
			return a.write(cmd.Context(), out, l)
		},
	}
	cmd.Flags().StringVar(&tag, "tag", "", "only queries with this `tag`")
	o.addFlags(cmd.Flags())
	out.addFlags(cmd.Flags())
	return cmd
}

// querySource says where a query comes from, for people.
func querySource(q *queries.Query) string {
	switch {
	case q.Overrides != "":
		return q.File + " (in place of the catalogue's)"
	case filepath.IsAbs(q.File) || strings.HasPrefix(q.File, ".") || fileExists(q.File):
		return q.File
	default:
		return "catalogue"
	}
}

func fileExists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func sortedKeys(m map[string]bool) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func newQueriesShow(a *app) *cobra.Command {
	o := &catalogOptions{app: a}
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show what a saved query is for, its parameters and its SQL",
		Long:  "Show a saved query: what it finds and why that matters, the events that it looks for, its\nparameters with their defaults, and its SQL.",
		Example: `  traillake queries show root-use
  traillake queries show global-event-duplicates`,
		Args: arguments(1, 1, "show which query? 'traillake queries list' lists them"),
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := o.load()
			if err != nil {
				return err
			}
			q, err := set.Get(args[0])
			if err != nil {
				return err
			}
			_, err = io.WriteString(a.stdout, describeQuery(q, o.dir, textWidth(a)))
			return err
		},
	}
	o.addFlags(cmd.Flags())
	return cmd
}

// textWidth is how wide prose is set.
func textWidth(a *app) int {
	const most, fallback = 100, 80
	if w := width(a.stdout); w > 20 {
		return min(w, most)
	}
	return fallback
}

// describeQuery says all of a saved query; dir is the folder that a run must name to have it,
// if any.
func describeQuery(q *queries.Query, dir string, width int) string {
	var b strings.Builder
	run := "traillake queries run " + q.Name + exampleParams(q)
	if source := querySource(q); dir != "" && source != "catalogue" {
		run += " --queries " + shellWord(dir)
	}
	fmt.Fprintf(&b, "%s\n%s\n\n%s", q.Name, q.Title, wrap(q.Description, "  ", width))
	section := func(title, text string) {
		if text != "" {
			fmt.Fprintf(&b, "\n%s\n%s", title, wrap(text, "  ", width))
		}
	}
	section("What it finds that means nothing:", q.FalsePositives)
	section("What to do with the rows:", q.Next)
	section("Events that it looks for:", strings.Join(q.APIs, ", "))
	if len(q.Params) > 0 {
		b.WriteString("\nParameters:\n")
		for _, p := range q.Params {
			fallback := " (must be given)"
			if p.Optional {
				fallback = " = " + p.Default
			}
			fmt.Fprintf(&b, "  %s: %s%s\n%s", p.Name, p.Type, fallback, wrap(p.Doc, "      ", width))
		}
	}
	b.WriteString("\n")
	for _, f := range []struct{ name, value string }{
		{"area", q.Area}, {"tags", strings.Join(q.Tags, ", ")}, {"severity", q.Severity}, {"MITRE ATT&CK", strings.Join(q.Techniques, ", ")},
		{"from", querySource(q)}, {"run", run},
	} {
		if f.value != "" {
			fmt.Fprintf(&b, "%-14s%s\n", f.name, f.value)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", q.SQL)
	return encode.PrintableLines(b.String())
}

// exampleParams gives every parameter that has no default an example.
func exampleParams(q *queries.Query) string {
	s := ""
	for _, p := range q.Params {
		if !p.Optional {
			s += fmt.Sprintf(" --param %s=%q", p.Name, p.Type.Example())
		}
	}
	return s
}

// shellWord writes a word so that a shell reads it as one, as it is.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-+=:,@%", r)
	}
	if s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func newQueriesRun(a *app) *cobra.Command {
	o, eo, out := &catalogOptions{app: a}, &engineOptions{}, &outputOptions{}
	var params []string
	cmd := &cobra.Command{
		Use:   "run NAME",
		Short: "Run a saved query",
		Long: `Run a saved query over the store that --store names. --param gives values to its
parameters; those that have a default may be left out.`,
		Example: `  traillake queries run root-use
  traillake queries run top-callers-by-source-ip --param since=30d --param limit=5
  traillake queries run global-event-duplicates --format json`,
		Args: func(cmd *cobra.Command, args []string) error {
			return arguments(1, 1, "run which query? 'traillake queries list' lists them")(cmd, eo.explained(args, false))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			args = eo.explained(args, false)
			if err := errors.Join(eo.validate(), eo.validateOutput(out)); err != nil {
				return &usageError{cmd, err}
			}
			if _, err := out.choose(isTerminal(a.stdout)); err != nil {
				return &usageError{cmd, err}
			}
			set, err := o.load()
			if err != nil {
				return err
			}
			q, err := set.Get(args[0])
			if err != nil {
				return err
			}
			r, err := bindSaved(q, params, a)
			if err != nil {
				return &usageError{cmd, err}
			}
			out.limit, out.raise = rowLimit(r), "--param limit=N"
			return a.query(cmd.Context(), eo.apply(r), eo, out)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&params, "param", nil, "value of a parameter, `name=value`; may be repeated")
	o.addFlags(f)
	eo.addFlags(f)
	eo.addExplain(f)
	eo.addFresh(f)
	out.addFlags(f)
	return cmd
}

// bindSaved makes a request of a saved query and the values of --param flags.
func bindSaved(q *queries.Query, flags []string, a *app) (engine.Request, error) {
	params, err := parseParams(flags)
	if err != nil {
		return engine.Request{}, err
	}
	return savedRequest(q, params, a.now())
}

// rowLimit returns the value of a saved query's parameter limit, by which it cuts its rows;
// 0 where it has none.
func rowLimit(r engine.Request) int64 {
	n, _ := r.Params["limit"].Data.(int64)
	return n
}
