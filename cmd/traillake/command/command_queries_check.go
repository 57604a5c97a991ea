package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/engine/encode"
	"traillake/queries"
	"traillake/queries/fixture"
)

const queriesCheckLong = `Check that files of saved queries are sound: header, parameters, and the SQL with its
columns, functions and types. Without an argument, your folder is checked (--queries or
TRAILLAKE_QUERIES). The exit code is 3 when something is wrong. Packs in the folder packs
are checked, too: keys, queries, values of their parameters.

A query is tested too when its fixture lies beside it: calls-of-a-user.txtar beside
calls-of-a-user.sql. A fixture holds logs and the rows that the query must give:

  Two calls of alice. Not: a call of another user.
  -- params --
  user=alice
  -- find/log.json --
  {"Records":[ records that the query must find ]}
  -- ignore/log.json --
  {"Records":[ look-alikes: over these alone it must find nothing ]}
  -- want.csv --
  event_source,event_name,calls
  iam.amazonaws.com,CreateUser,2

want.csv has the rows over all records, in the order of the query. Logs may be called as
CloudTrail calls them, find/AWSLogs/…, for queries that look at the file's name. "now" is
2026-06-01 in a test. --rewrite writes into the fixtures what the queries give: read the
difference before you keep it. No lake of yours is touched.`

func newQueriesCheck(a *app) *cobra.Command {
	o, rewrite := &catalogOptions{app: a}, false
	cmd := &cobra.Command{
		Use:   "check [FOLDER | FILE]…",
		Short: "Check files of saved queries, and test them with their fixtures",
		Long:  queriesCheckLong,
		Example: `  traillake queries check ./my-queries
  traillake queries check ./my-queries/calls-of-a-user.sql
  traillake queries check --rewrite ./my-queries/calls-of-a-user.sql`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				dir := cmp.Or(o.dir, a.getenv(envQueries))
				if dir == "" {
					return usagef(cmd, "check what? Name a folder or a file, such as: traillake queries check ./my-queries")
				}
				args = []string{dir}
			}
			c := &queriesCheck{app: a, rewrite: rewrite}
			return errors.Join(c.run(cmd.Context(), args), c.close())
		},
	}
	cmd.Flags().BoolVar(&rewrite, "rewrite", false, "write the rows that the queries give into their fixtures")
	o.addFlags(cmd.Flags())
	return cmd
}

// queriesCheck checks files of saved queries.
type queriesCheck struct {
	app     *app
	rewrite bool

	runner    *fixture.Runner // made for the first fixture
	checked   int
	tested    int
	rewritten int
	packs     int
	wrong     []error
}

func (c *queriesCheck) fail(err error) bool {
	if err != nil {
		c.wrong = append(c.wrong, err)
	}
	return err != nil
}

func (c *queriesCheck) close() error {
	if c.runner == nil {
		return nil
	}
	return c.runner.Close()
}

func (c *queriesCheck) run(ctx context.Context, paths []string) error {
	failed := c.all(ctx, paths)
	if len(c.wrong) > 0 {
		if _, err := fmt.Fprintln(c.app.stdout, encode.PrintableLines(errors.Join(c.wrong...).Error())); err != nil {
			return err
		}
		if failed == nil {
			failed = errFindings
		}
	}
	if failed != nil {
		return failed
	}
	if c.checked+c.packs == 0 {
		return &usageError{nil, fmt.Errorf("check %s: there is no saved query (a file that ends in .sql) and no pack (packs/NAME.yaml)", strings.Join(paths, ", "))}
	}
	pr := printer{people: isTerminal(c.app.stderr)}
	summary := pr.things(int64(c.checked), "query", "queries") + " checked"
	if c.packs > 0 {
		summary = pr.things(int64(c.checked), "query", "queries") + " and " + pr.things(int64(c.packs), "pack", "packs") + " checked"
	}
	if c.tested > 0 {
		summary += ", " + pr.things(int64(c.tested), "fixture", "fixtures") + " run"
	}
	if c.rewritten > 0 {
		summary += ", " + pr.things(int64(c.rewritten), "fixture", "fixtures") + " written anew"
	}
	c.app.say("%s, nothing wrong\n", summary)
	return nil
}

// all checks files and folders. What is wrong with them is no error: that is of what keeps them
// from being checked.
func (c *queriesCheck) all(ctx context.Context, paths []string) error {
	for _, path := range paths {
		found, err := c.read(path)
		if err != nil {
			return err
		}
		for _, q := range found {
			if err := c.query(ctx, q); err != nil {
				return err
			}
		}
	}
	return nil
}

// read returns the sound queries of a file or folder.
func (c *queriesCheck) read(path string) ([]*queries.Query, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		set, err := queries.Dir(path)
		c.fail(err)
		n, wrong := checkPacks(path, set)
		c.packs, c.wrong = c.packs+n, append(c.wrong, wrong...)
		return set.All(), c.orphans(path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	q, err := queries.Parse(path, text)
	if c.fail(err) {
		return nil, nil
	}
	return []*queries.Query{q}, nil
}

// orphans reports fixtures that test nothing, since no query lies beside them.
func (c *queriesCheck) orphans(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path != dir && strings.HasPrefix(d.Name(), ".") {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if query, ok := strings.CutSuffix(path, fixture.Extension); ok && !d.IsDir() && !fileExists(query+".sql") {
			c.fail(fmt.Errorf("%s: there is no %s.sql beside this fixture", path, filepath.Base(query)))
		}
		return nil
	})
}

func (c *queriesCheck) query(ctx context.Context, q *queries.Query) error {
	c.checked++
	wrong := c.fail(queries.Check(q))
	if c.fail(checkSQL(q, c.app.now())) || wrong {
		return nil
	}
	path := strings.TrimSuffix(q.File, ".sql") + fixture.Extension
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c.tested++
	f, err := fixture.Parse(text)
	if c.fail(named(path, err)) {
		return nil
	}
	if c.runner == nil {
		if c.runner, err = fixture.NewRunner(ctx, duck.New(), engine.Options{}); err != nil {
			return err
		}
	}
	rows, err := c.runner.Run(ctx, q, f)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if diskFull(err) { // which is no mistake of the query
		return named(path, err)
	}
	if c.fail(named(path, err)) {
		return nil
	}
	if c.rewrite {
		var same bool
		if f, same = f.WithRows(rows.All); !same {
			c.rewritten++
			if err := writeNew(path, f.Text(), true); err != nil {
				return err
			}
		}
	}
	c.fail(named(path, f.Compare(rows)))
	return nil
}

// named puts the name of a file before an error; nil stays nil.
func named(path string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", path, err)
}

// checkSQL reports what the front end has against the statement, with an example in
// the place of every parameter.
func checkSQL(q *queries.Query, now time.Time) error {
	var params []param
	for _, p := range q.Params {
		if !p.Optional {
			params = append(params, param{name: p.Name, value: p.Type.Example()})
		}
	}
	r, err := savedRequest(q, params, now)
	if err == nil {
		err = engine.Check(r)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", q.File, err)
	}
	return nil
}
