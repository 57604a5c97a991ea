package command

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"traillake/queries"
	"traillake/queries/fixture"
)

func newQueriesNew(a *app) *cobra.Command {
	o, to := &catalogOptions{app: a}, ""
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: "Write a saved query to begin with",
		Long: `Write a saved query of that name to a folder of your own, and beside it the fixture that
tests it: a query that works, with everything that a header can say. Change both, and let
'traillake queries check' compare them. Nothing that is there is overwritten.

A header has name, title, description, tags and, where there are parameters, params. It may have

  severity         info, low, medium, high or critical
  technique        ids of MITRE ATT&CK, such as T1078 or T1078.004, with commas between
  apis             names of the events that it looks for, with commas between
  false-positives  what it finds that means nothing
  next             what to do with the rows`,
		Example: `  traillake queries new calls-of-a-user --to ./my-queries
  traillake queries check ./my-queries
  traillake queries run calls-of-a-user --queries ./my-queries`,
		Args: arguments(1, 1, "what is the query to be called? Such as: traillake queries new calls-of-a-user --to ./my-queries"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := o.writeTo(cmd, to)
			if err != nil {
				return err
			}
			return a.newQuery(cmd, args[0], dir)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", "`folder` to write to (default: --queries, else $TRAILLAKE_QUERIES)")
	o.addFlags(cmd.Flags())
	return cmd
}

func (a *app) newQuery(cmd *cobra.Command, name, dir string) error {
	query, test, err := queries.Template(name)
	if err != nil {
		return &usageError{cmd, err}
	}
	path := filepath.Join(dir, name+".sql")
	files := []struct {
		path string
		text []byte
	}{{path, query}, {filepath.Join(dir, name+fixture.Extension), test}}
	for _, f := range files {
		if fileExists(f.path) {
			return fmt.Errorf("write %s: %w; choose another name, or remove it first", f.path, fs.ErrExist)
		}
	}
	for _, f := range files {
		if err := writeNew(f.path, f.text, false); err != nil {
			return err
		}
	}
	a.say("%s: the query\n%s: the records and rows that test it\n", files[0].path, files[1].path)
	if _, err := queries.Catalog().Get(name); !errors.Is(err, queries.ErrNotFound) {
		a.say("It takes the place of the catalogue's query of that name.\n")
	}
	a.say("Change both, then: traillake queries check %s\n", path)
	return nil
}
