package saved

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/bench/trino"
	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/queries"
)

// TestTrino asks a real Trino the saved queries, over the Iceberg table that holds the
// records of their tests: it gives the same rows of the same types.
func TestTrino(t *testing.T) {
	home, err := trino.Home()
	if err != nil {
		t.Logf("NOT COMPARED with Trino: %v", err)
		return
	}
	server, err := trino.Start(t.Context(), trino.Options{Home: home, Dir: t.TempDir(), Threads: 2, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	c := fixtures(t)
	store, err := c.Lake.Store(t.Context(), lake.DefaultStore)
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Register(t.Context(), lake.DefaultStore, c.Lake.Root()+"/eds/"+store.ID()); err != nil {
		t.Fatal(err)
	}
	c.Store = lake.DefaultStore
	b := &bench{Config: c, exec: &stopwatch{Executor: duck.New()}}
	b.engine = engine.New(c.Lake, b.exec, engine.Options{TempDir: c.TempDir, Threads: c.Threads})
	for _, q := range queries.Catalog().All() {
		values, err := q.Values(c.Params(q), c.Now)
		if err != nil {
			t.Fatal(err)
		}
		request := engine.Request{SQL: q.SQL, Store: c.Store, Params: values, Now: c.Now}
		text, err := b.engine.ExplainTrino(t.Context(), request)
		if err != nil {
			t.Errorf("%s: %v", q.Name, err)
			continue
		}
		n, err := compare(func(s sink) error { return b.runFront(t.Context(), request, s) }, func(s sink) error {
			_, err := server.Run(t.Context(), text, func(columns []trino.Column, rows [][]any) error {
				batch, err := trino.Record(columns, rows)
				if err != nil {
					return err
				}
				defer batch.Release()
				return s((*arrow.Schema)(nil), batch)
			})
			return err
		})
		if err != nil || n == 0 {
			t.Errorf("%s: %d rows, %v\n%s", q.Name, n, err, text)
		}
	}
}
