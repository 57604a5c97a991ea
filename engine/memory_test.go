package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/engine/encode"
)

// scarce is an executor whose databases have memory for one thread only, and count themselves.
// The number none of them cannot be opened.
type scarce struct {
	engine.Executor
	opened *int
	none   int
}

func (x scarce) Open(ctx context.Context, box engine.Sandbox) (engine.Session, error) {
	if *x.opened++; *x.opened == x.none {
		return nil, errors.New("no space left on device")
	}
	s, err := x.Executor.Open(ctx, box)
	return scarceSession{s, box.Threads}, err
}

type scarceSession struct {
	engine.Session
	threads int
}

func (s scarceSession) Query(ctx context.Context, sql string) (engine.Rows, error) {
	if s.threads != 1 {
		return nil, &engine.ExecError{Class: engine.ClassMemory, Message: "failed to pin block", Offset: -1}
	}
	return s.Session.Query(ctx, sql)
}

// TestScarceMemory has a query that two threads have no memory for, alone and in a batch.
func TestScarceMemory(t *testing.T) {
	f := newFixture(t)
	loadKinds(f, "events", time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	opened := 0
	e := engine.New(f.lake, scarce{duck.New(), &opened, 0}, engine.Options{TempDir: f.temp, Threads: 2})
	r := engine.Request{SQL: "SELECT eventName FROM events ORDER BY eventID"}
	count := func(rows *engine.Result, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		b, err := rows.Next(t.Context())
		if err != nil || b.NumRows() == 0 {
			t.Fatal(b, err)
		}
		b.Release()
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
	}
	count(e.Query(t.Context(), r))
	if opened != 2 {
		t.Errorf("%d databases were opened", opened)
	}
	b, err := e.OpenBatch(t.Context(), []engine.Request{r, r})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		count(b.Query(t.Context(), i))
	}
	if err := b.Close(); err != nil || opened != 4 {
		t.Errorf("%d databases were opened: %v", opened, err)
	}
	r.Threads, opened = 1, 0
	if count(e.Query(t.Context(), r)); opened != 1 {
		t.Errorf("%d databases were opened for one thread", opened)
	}
}

// TestScarceDisk has a batch whose database cannot be opened again for a while: that is the loss of
// the one request that needs it then.
func TestScarceDisk(t *testing.T) {
	f := newFixture(t)
	loadKinds(f, "events", time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC))
	r := engine.Request{SQL: "SELECT count(*) FROM events"}
	for asked := 1; asked <= 2; asked++ { // it may be closed without a database, too
		opened := 0
		e := engine.New(f.lake, scarce{duck.New(), &opened, 2}, engine.Options{TempDir: f.temp, Threads: 2})
		b, err := e.OpenBatch(t.Context(), []engine.Request{r, r})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Query(t.Context(), 0); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("without a database the query gives %v", err)
		}
		if asked == 2 {
			rows, err := b.Query(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := encoded(t.Context(), rows, encode.JSONL); err != nil || !strings.Contains(got, "64") {
				t.Errorf("the next gives %q, %v", got, err)
			}
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}
