package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"traillake/bench/gen"
	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/source/dir"
	"traillake/queries"
)

const demoLong = `Demo shows in a few seconds what traillake does. It generates a small set of logs,
ingests them into a new lake, and runs four saved queries on it. Every step is printed
as the command that does the same, to be copied.

Logs and lake are in a temporary folder that is removed at the end; with --dir they are
in a folder of your choice, which must be new or empty, and stay.`

// demoRecords is small enough for a few seconds and large enough to be a sample.
const demoRecords = 20_000

// demoWidth is how wide the tables are where demo writes to no terminal.
const demoWidth = 160

// demoQuery is a saved query that demo runs.
type demoQuery struct {
	name   string
	params []string
	why    string
}

// demoQueries take the period of the generated logs, which lies in the past.
func demoQueries(c gen.Config) []demoQuery {
	since := "since=" + c.Start.Format(time.DateOnly)
	return []demoQuery{
		{"top-callers-by-source-ip", []string{since, "limit=5"}, "Who calls from where?"},
		{"global-event-duplicates", []string{since}, "Which events were delivered more than once?"},
		{"access-keys-created", []string{since}, "Which access keys were made, by whom?"},
		{"logging-tampering", []string{since}, "Did someone touch the logging itself?"},
	}
}

func newDemo(a *app) *cobra.Command {
	keep := ""
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it work: generate logs, ingest them, query them",
		Long:  demoLong,
		Example: `  traillake demo
  traillake demo --dir ./demo`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), keep) },
	}
	cmd.Flags().StringVar(&keep, "dir", "", "keep logs and lake in this `folder`")
	return cmd
}

func (a *app) demo(ctx context.Context, keep string) (err error) {
	folder := keep
	if keep == "" {
		if folder, err = os.MkdirTemp("", "traillake-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	} else if entries, readErr := os.ReadDir(keep); len(entries) > 0 {
		return fmt.Errorf("%s is not empty; give --dir a new folder", keep)
	} else if readErr != nil && !errors.Is(readErr, os.ErrNotExist) {
		return readErr
	}
	started := time.Now()
	logs, lakeDir := filepath.Join(folder, "logs"), filepath.Join(folder, "lake")
	pr := printer{people: isTerminal(a.stderr)}

	c := gen.DefaultConfig()
	c.Records = demoRecords
	a.step("Some logs, as CloudTrail would deliver them to a bucket:", "generate "+logs+fmt.Sprintf(" --records %d", c.Records))
	truth, err := gen.Write(ctx, logs, c, nil)
	if err != nil {
		return err
	}
	a.say("%s", generateSummary(truth, logs, time.Since(started), pr))

	l, err := lake.Create(ctx, lakeDir, lakeOptions())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := a.demoIngest(ctx, l, logs, lakeDir, pr); err != nil {
		return err
	}
	e := engine.New(l, duck.New(), engine.Options{})
	for _, q := range demoQueries(c) {
		if err := a.demoQuery(ctx, e, q, lakeDir); err != nil {
			return err
		}
	}
	a.say("\nThat took %s. ", seconds(time.Since(started)))
	if keep == "" {
		a.say("The folder is removed again; 'traillake demo --dir ./demo' keeps it.\n")
	} else {
		a.say("Logs and lake are in %s and stay.\n", folder)
	}
	a.say("Now with your own logs: traillake ingest FOLDER\n")
	return nil
}

// step prints what comes next and the command that does the same.
func (a *app) step(why, command string) {
	a.say("\n%s\n%s\n", why, a.bold("$ traillake "+command))
}

func (a *app) demoIngest(ctx context.Context, l *lake.Lake, logs, lakeDir string, pr printer) error {
	s, err := l.CreateStore(ctx, lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		return err
	}
	src, err := dir.Open(logs)
	if err != nil {
		return err
	}
	a.step("The logs become an event data store:", "ingest --lake "+lakeDir+" "+logs)
	result, err := s.Ingest(ctx, src, lake.IngestOptions{})
	if err != nil {
		return err
	}
	a.say("%s", ingestSummary(result, pr))
	return nil
}

func (a *app) demoQuery(ctx context.Context, e *engine.Engine, d demoQuery, lakeDir string) error {
	q, err := queries.Catalog().Get(d.name)
	if err != nil {
		return err
	}
	command := "queries run --lake " + lakeDir + " " + d.name
	for _, p := range d.params {
		command += " --param " + p
	}
	a.step(d.why, command)
	r, err := bindSaved(q, d.params, a)
	if err != nil {
		return err
	}
	result, err := e.Query(ctx, r)
	if err != nil {
		return err
	}
	return a.writeResult(ctx, &outputOptions{format: tableFormat, width: demoWidth}, result)
}
