package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/cockroachdb/datadriven"
	"go.uber.org/goleak"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/engine/encode"
	"traillake/internal/filecache"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/schema"
)

func TestMain(m *testing.M) {
	// Connections that wait for the next request end with the server.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"))
}

// fixture is a lake in a temporary folder with an engine over it.
type fixture struct {
	t      testing.TB
	temp   string
	lake   *lake.Lake
	engine *engine.Engine
	cache  *filecache.Cache // of reusing
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{t: t, temp: t.TempDir()}
	f.lake = laketest.New(t)
	f.engine = engine.New(f.lake, duck.New(), engine.Options{TempDir: f.temp, Threads: 2})
	t.Cleanup(func() {
		if left, err := os.ReadDir(f.temp); err != nil || len(left) > 0 {
			t.Errorf("temporary files left: %v, %v", left, err)
		}
	})
	return f
}

// store returns the store of the given name, which is made if there is none.
func (f *fixture) store(name string) *lake.Store {
	f.t.Helper()
	st, err := f.lake.Store(f.t.Context(), name)
	if errors.Is(err, lake.ErrStoreNotFound) {
		st, err = f.lake.CreateStore(f.t.Context(), lake.StoreConfig{Name: name})
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return st
}

// load commits the records of log files, one data file for each day, and returns
// their number.
func (f *fixture) load(store, source string, logs ...[]byte) int {
	f.t.Helper()
	batch, err := f.store(store).Begin(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	defer batch.Abort()
	builders := map[lake.Day]*schema.Builder{}
	rows := 0
	for _, log := range logs {
		dec := schema.NewDecoder(bytes.NewReader(log), schema.Limits{})
		for {
			var rec schema.Record
			err := dec.Next(&rec)
			if errors.Is(err, io.EOF) {
				break
			}
			var bad *schema.RecordError
			if errors.As(err, &bad) {
				continue
			}
			if err != nil {
				f.t.Fatalf("load %s: %v", source, err)
			}
			day := lake.DayOf(rec.EventTime())
			if builders[day] == nil {
				builders[day] = schema.NewBuilder()
			}
			builders[day].Append(&rec, schema.Provenance{Source: source, Region: "us-east-1", Account: "123456789012", Seq: batch.Seq()})
			rows++
		}
	}
	var events lake.Multiset
	for day, b := range builders {
		w, err := batch.NewFile(day)
		if err != nil {
			f.t.Fatal(err)
		}
		rec := b.NewRecordBatch()
		err = w.Write(rec)
		m, hashErr := lake.MultisetOf(rec)
		events.Add(m)
		rec.Release()
		if err := errors.Join(err, hashErr, w.Close()); err != nil {
			f.t.Fatal(err)
		}
	}
	batch.AddObject(lake.ObjectEntry{Multiset: events, Key: source, Size: 1, SHA256: strings.Repeat("0", 64), RowsIn: int64(rows), RowsOut: int64(rows), Status: lake.StatusOK})
	if _, err := batch.Commit(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
	return rows
}

// query runs a query and returns its rows in the given format.
func (f *fixture) query(ctx context.Context, r engine.Request, format encode.Format) (string, error) {
	res, err := f.engine.Query(ctx, r)
	if err != nil {
		return "", err
	}
	return encoded(ctx, res, format)
}

// encoded returns the rows of a result, and closes it.
func encoded(ctx context.Context, res *engine.Result, format encode.Format) (string, error) {
	defer res.Close()
	var out bytes.Buffer
	enc, err := encode.New(format, &out, res.Schema(), encode.Options{})
	if err != nil {
		return "", err
	}
	for {
		b, err := res.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out.String(), err
		}
		if err := enc.Write(b); err != nil {
			return "", err
		}
		b.Release()
	}
	err = enc.Close() // writes to out
	return out.String(), err
}

// TestLogic runs testdata/logic. Run with -rewrite to write the answers anew.
//
//	load [store=NAME] [file=PATH]   the records of a file, or those given
//	query [format=F] [store=NAME]   types and rows
//	explain                         the files that are read, and the SQL with sql=true
//	error                           the error of a query
func TestLogic(t *testing.T) {
	datadriven.Walk(t, "testdata/logic", func(t *testing.T, path string) {
		f := newFixture(t)
		loads := 0
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			arg := func(name, def string) string {
				d.MaybeScanArgs(t, name, &def)
				return def
			}
			req := engine.Request{SQL: d.Input, Store: arg("store", ""), Dialect: engine.DialectDuckDB}
			switch d.Cmd {
			case "load":
				loads++
				log := []byte(d.Input)
				if file := arg("file", ""); file != "" {
					b, err := os.ReadFile(file)
					if err != nil {
						t.Fatal(err)
					}
					log = b
				}
				n := f.load(arg("store", "events"), fmt.Sprintf("logs/%d.json", loads), log)
				return fmt.Sprintf("%d events\n", n)
			case "store":
				f.store(arg("name", ""))
				return ""
			case "query":
				format, err := encode.ParseFormat(arg("format", "tsv"))
				if err != nil {
					t.Fatal(err)
				}
				req.SQL = f.replaceIDs(req.SQL)
				out, err := f.query(t.Context(), req, format)
				if err != nil {
					t.Errorf("%s: %v", d.Pos, err)
					return "error: " + err.Error() + "\n"
				}
				return f.hideIDs(out)
			case "types":
				res, err := f.engine.Query(t.Context(), req)
				if err != nil {
					t.Fatalf("%s: %v", d.Pos, err)
				}
				defer res.Close()
				return typesText(res.Schema())
			case "explain":
				out, err := f.engine.Explain(t.Context(), req)
				if err != nil {
					t.Fatalf("%s: %v", d.Pos, err)
				}
				if arg("sql", "") == "" {
					out, _, _ = strings.Cut(out, "CREATE VIEW")
					out, _, _ = strings.Cut(out, "WITH ")
				}
				return f.hideIDs(out)
			case "error":
				req.SQL = f.replaceIDs(req.SQL)
				out, err := f.query(t.Context(), req, encode.TSV)
				if err == nil {
					t.Errorf("%s: no error", d.Pos)
					return "no error:\n" + out
				}
				return f.hideIDs(err.Error()) + "\n"
			default:
				t.Fatalf("%s: no command %q", d.Pos, d.Cmd)
				return ""
			}
		})
	})
}

func typesText(s *arrow.Schema) string {
	var b strings.Builder
	for _, f := range s.Fields() {
		fmt.Fprintf(&b, "%s: %s\n", f.Name, f.Type)
	}
	return b.String()
}

// replaceIDs puts the ids of stores, which differ from run to run, into a text:
// {id:NAME} and {arn:NAME}.
func (f *fixture) replaceIDs(text string) string {
	return regexp.MustCompile(`\{(id|arn):([a-z]+)\}`).ReplaceAllStringFunc(text, func(m string) string {
		kind, name, _ := strings.Cut(strings.Trim(m, "{}"), ":")
		if kind == "arn" {
			return f.store(name).ARN()
		}
		return f.store(name).ID()
	})
}

var (
	anyUUID     = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
	anySnapshot = regexp.MustCompile(`snapshot [0-9]+, version ([0-9]+) of [^\n]*`)
	anySize     = regexp.MustCompile(`[0-9]+ bytes`)
)

func (f *fixture) hideIDs(s string) string {
	if st, err := f.lake.Stores(f.t.Context()); err == nil {
		for _, st := range st {
			s = strings.ReplaceAll(s, st.ID(), "{id:"+st.Name()+"}")
		}
	}
	s = strings.ReplaceAll(s, f.lake.Root(), "LAKE")
	s = regexp.MustCompile(`(day=|/)([0-9-]{10}/)?`+anyUUID.String()).ReplaceAllString(s, "$1${2}FILE")
	s = anySnapshot.ReplaceAllString(s, "version $1")
	return anySize.ReplaceAllString(s, "N bytes")
}
