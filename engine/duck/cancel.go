package duck

import (
	"context"
	"time"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"traillake/engine"
)

// reassert is how often an interrupt is repeated: DuckDB clears the flag when it
// passes from one phase of a statement to the next, so one interrupt can be lost.
const reassert = 20 * time.Millisecond

// defaultGrace is how long DuckDB may take to notice an interrupt. It looks between the
// pieces of its work, and one call of a function over one piece can take minutes.
const defaultGrace = 700 * time.Millisecond

// interruptible runs f, which calls into DuckDB, and interrupts it when ctx ends. It
// returns ctx's error if ctx has ended and f failed. Where DuckDB does not notice, it
// returns without f having returned: the session is then abandoned, which takes itself
// down once f has.
func (s *session) interruptible(ctx context.Context, f func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.abandoned != nil {
		return engine.ErrAbandoned
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	tick := time.NewTicker(reassert)
	defer tick.Stop()
	enough := time.NewTimer(s.grace)
	defer enough.Stop()
	for {
		duckdb.Interrupt(s.conn)
		select {
		case err := <-done:
			if err != nil {
				err = ctx.Err()
			}
			return err
		case <-tick.C:
		case <-enough.C:
			s.abandon(done)
			return ctx.Err()
		}
	}
}

// abandon leaves the database to a goroutine that waits for the call that does not
// end. Nothing else may call into DuckDB for this session any more.
func (s *session) abandon(done <-chan error) {
	s.abandoned = make(chan struct{})
	go func() {
		defer close(s.abandoned)
		tick := time.NewTicker(reassert)
		defer tick.Stop()
		for {
			select {
			case <-done:
				if s.rows != nil {
					s.rows.destroy()
				}
				s.destroy()
				return
			case <-tick.C:
				duckdb.Interrupt(s.conn)
			}
		}
	}()
}
