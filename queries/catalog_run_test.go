package queries_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/engine/encode"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
)

var rewrite = flag.Bool("rewrite", false, "write the rows that the saved queries give into their fixtures")

// now is the moment at which the fixtures' queries run.
var now = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// TestCatalogFinds runs every saved query over its fixture, testdata/catalog/NAME.txtar:
//
//	params         name=value lines, for parameters that are not left at their defaults
//	ignore/PATH    logs with look-alikes, in which the query must find nothing
//	find/PATH      logs with what it must find
//	want.csv       the rows that it gives over both, with $ROOT for the logs' folder
//
// Run with -rewrite to write want.csv anew; then read the difference.
func TestCatalogFinds(t *testing.T) {
	l := laketest.New(t)
	e := engine.New(l, duck.New(duck.Options{}), engine.Options{TempDir: t.TempDir(), Threads: 2})
	known := map[string]bool{}
	for _, q := range queries.Catalog().All() {
		known[q.Name+".txtar"] = true
		t.Run(q.Name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", "catalog", q.Name+".txtar")
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatalf("every saved query has a fixture: %v", err)
			}
			f := readFixture(t, archive)
			store, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: q.Name})
			if err != nil {
				t.Fatal(err)
			}
			values, err := q.Values(f.params, now)
			if err != nil {
				t.Fatal(err)
			}
			request := engine.Request{SQL: q.SQL, Params: values, Store: q.Name, Now: now}

			root := ingest(t, store, f.ignore)
			if got := f.run(t, e, request, root); strings.Count(got, "\n") != 1 {
				t.Errorf("finds look-alikes:\n%s", got)
			}
			root = ingest(t, store, f.find)
			got := f.run(t, e, request, root)
			if strings.Count(got, "\n") < 2 {
				t.Errorf("finds nothing:\n%s", got)
			}
			if got == f.want {
				return
			}
			if *rewrite {
				f.rewrite(t, path, archive, got)
				return
			}
			t.Errorf("got\n%s\nwant\n%s", got, f.want)
		})
	}
	entries, err := os.ReadDir(filepath.Join("testdata", "catalog"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !known[entry.Name()] {
			t.Errorf("fixture %s has no saved query", entry.Name())
		}
	}
}

type fixture struct {
	params       map[string]string
	find, ignore []txtar.File // named without the first folder
	want         string
}

func readFixture(t *testing.T, archive *txtar.Archive) *fixture {
	t.Helper()
	f := &fixture{params: map[string]string{}}
	for _, file := range archive.Files {
		side, rest, _ := strings.Cut(file.Name, "/")
		named := txtar.File{Name: rest, Data: file.Data}
		switch {
		case side == "find" && rest != "":
			f.find = append(f.find, named)
		case side == "ignore" && rest != "":
			f.ignore = append(f.ignore, named)
		case file.Name == "want.csv":
			f.want = string(file.Data)
		case file.Name == "params":
			for _, line := range strings.Split(strings.TrimSpace(string(file.Data)), "\n") {
				name, value, _ := strings.Cut(line, "=")
				f.params[name] = value
			}
		default:
			t.Fatalf("fixture has a file %s", file.Name)
		}
	}
	if len(f.find) == 0 || len(f.ignore) == 0 {
		t.Fatal("a fixture has both, records to find and records to ignore")
	}
	return f
}

// ingest writes logs below a folder, which it returns, and takes them into the store.
func ingest(t *testing.T, store *lake.Store, logs []txtar.File) (root string) {
	t.Helper()
	root = t.TempDir()
	for _, log := range logs {
		path := filepath.Join(root, filepath.FromSlash(log.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, log.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	src, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	result, err := store.Ingest(t.Context(), src, lake.IngestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Stored == 0 || result.Stored != result.RecordsRead {
		t.Fatalf("ingested %d of %d records", result.Stored, result.RecordsRead)
	}
	if root, err = filepath.EvalSymlinks(root); err != nil { // as the source does
		t.Fatal(err)
	}
	return root
}

func (f *fixture) run(t *testing.T, e *engine.Engine, r engine.Request, root string) string {
	t.Helper()
	var out bytes.Buffer
	if err := runCSV(t, e, r, &out); err != nil {
		t.Fatalf("%v\n%s", err, r.SQL)
	}
	return strings.ReplaceAll(out.String(), root, "$ROOT")
}

func runCSV(t *testing.T, e *engine.Engine, r engine.Request, w io.Writer) (err error) {
	res, err := e.Query(t.Context(), r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, res.Close()) }()
	enc, err := encode.New(encode.CSV, w, res.Schema(), encode.Options{})
	if err != nil {
		return err
	}
	for {
		batch, err := res.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return enc.Close()
		}
		if err != nil {
			return err
		}
		err = enc.Write(batch)
		batch.Release()
		if err != nil {
			return fmt.Errorf("encode rows: %w", err)
		}
	}
}

func (f *fixture) rewrite(t *testing.T, path string, archive *txtar.Archive, got string) {
	t.Helper()
	out := &txtar.Archive{Comment: archive.Comment}
	for _, file := range archive.Files {
		if file.Name != "want.csv" {
			out.Files = append(out.Files, file)
		}
	}
	out.Files = append(out.Files, txtar.File{Name: "want.csv", Data: []byte(got)})
	if err := os.WriteFile(path, txtar.Format(out), 0o600); err != nil {
		t.Fatal(err)
	}
}
