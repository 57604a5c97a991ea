package duck

import (
	"context"
	"time"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// reassert is how often an interrupt is repeated: DuckDB clears the flag when it
// passes from one phase of a statement to the next, so one interrupt can be lost.
const reassert = 20 * time.Millisecond

// interruptible runs f, which calls into DuckDB, and interrupts it when ctx ends.
// It returns after f has returned, with ctx's error if ctx has ended and f failed.
func (s *session) interruptible(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	done := make(chan struct{})
	gone := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(gone)
		tick := time.NewTicker(reassert)
		defer tick.Stop()
		for {
			duckdb.Interrupt(s.conn)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	err := f()
	close(done)
	if !stop() {
		// An interrupt that came later would hit the next statement.
		<-gone
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}
