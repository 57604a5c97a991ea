package engine_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/duck"
)

// TestAtOnce has queries wait for their turns, and a failed one give its turn back.
func TestAtOnce(t *testing.T) {
	f := newFixture(t)
	f.load("events", "a", event("e1", time.Now()))
	e := engine.New(f.lake, duck.New(), engine.Options{AtOnce: 1, TempDir: t.TempDir()})
	ask := func(sql string, limit time.Duration) (*engine.Result, error) {
		return e.Query(t.Context(), engine.Request{SQL: sql, Timeout: limit})
	}
	first, err := ask("SELECT count(*) FROM events", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask("SELECT 1", 50*time.Millisecond); !errors.Is(err, engine.ErrTimeout) {
		t.Errorf("a query beside an open result gave %v, want %v", err, engine.ErrTimeout)
	}
	if _, err := e.OpenBatch(t.Context(), []engine.Request{{SQL: "SELECT 1", Timeout: 50 * time.Millisecond}}); !errors.Is(err, engine.ErrTimeout) {
		t.Errorf("a batch beside an open result gave %v, want %v", err, engine.ErrTimeout)
	}
	second := make(chan error)
	go func() {
		r, err := ask("SELECT count(*) FROM events", 0)
		if err == nil {
			err = r.Close()
		}
		second <- err
	}()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
	for range 3 {
		if _, err := ask("SELECT count(*) FROM nothing", 0); err == nil || errors.Is(err, engine.ErrTimeout) {
			t.Errorf("a query over no store gave %v", err)
		}
	}
}

// slow is an executor that opens no database before it is told to stop.
type slow struct{}

func (slow) Open(ctx context.Context, _ engine.Sandbox) (engine.Session, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// TestBatchTimeout bounds the opening of a batch by its first request's timeout, whatever takes
// long in it.
func TestBatchTimeout(t *testing.T) {
	f := newFixture(t)
	f.load("events", "a", event("e1", time.Now()))
	for x, limit := range map[engine.Executor]time.Duration{slow{}: 50 * time.Millisecond, duck.New(): time.Nanosecond} {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // without the bound
		e := engine.New(f.lake, x, engine.Options{AtOnce: 1, TempDir: t.TempDir()})
		_, err := e.OpenBatch(ctx, []engine.Request{{SQL: "SELECT count(*) FROM events", Timeout: limit}})
		if !errors.Is(err, engine.ErrTimeout) || ctx.Err() != nil {
			t.Errorf("%T gives %v, want %v", x, err, engine.ErrTimeout)
		}
		cancel()
	}
}
