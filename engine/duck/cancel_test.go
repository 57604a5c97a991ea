package duck

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"traillake/engine"
)

// One call of levenshtein over two long texts takes seconds and looks for no interrupt.
func TestCallThatCannotBeInterrupted(t *testing.T) {
	parent := t.TempDir()
	open, err := New().Open(t.Context(), engine.Sandbox{TempDir: parent})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	started := time.Now()
	_, err = open.Query(ctx, "SELECT levenshtein(repeat('a', 60000), repeat('b', 60000))")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if err := open.Exec(t.Context(), "SELECT 1"); !errors.Is(err, engine.ErrAbandoned) {
		t.Errorf("the next call gives %v", err)
	}
	if err := open.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took > 10*time.Second { // the call itself takes far longer
		t.Errorf("it took %v to give up", took)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	s := open.(*session)
	if s.abandoned == nil {
		t.Fatal("the call ended in time: it needs longer texts")
	}
	<-s.abandoned // or the goroutine would count as leaked
}
