package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"traillake/lake"
	"traillake/queries"
)

// Options are defaults for requests that leave the field of the same name zero.
type Options struct {
	// Timeout bounds a query from its start to its last row; zero means one hour.
	Timeout time.Duration
	// MaxMemory bounds the memory of a query in bytes; zero leaves it to the executor.
	MaxMemory int64
	// Threads bounds the threads of a query; zero leaves it to the executor.
	Threads int
	// TempDir is where a query makes its private folder; empty means the system's.
	TempDir string
	// AtOnce is how many queries and batches may be open at once, from their start until
	// their results are closed; others wait for a turn, as long as their timeouts allow.
	// Together they keep to AtOnce times MaxMemory. Zero means no bound. Whoever holds one
	// result open while asking for another needs two.
	AtOnce int
	// Results keeps rows for when the same is asked again; nil keeps none.
	Results *Results
}

// defaultTimeout is CloudTrail Lake's.
const defaultTimeout = time.Hour

// Engine answers queries over one lake. It is safe for concurrent use.
type Engine struct {
	lake *lake.Lake
	exec Executor
	opts Options
	// turns has room for those that are open; nil for any number.
	turns chan struct{}
}

// New returns an engine over l. The caller keeps l open as long as the engine and
// its results are in use, and closes it.
func New(l *lake.Lake, x Executor, o Options) *Engine {
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	e := &Engine{lake: l, exec: x, opts: o}
	if o.AtOnce > 0 {
		e.turns = make(chan struct{}, o.AtOnce)
	}
	return e
}

// turn waits until another query may be open. done ends the turn.
func (e *Engine) turn(ctx context.Context) (done func(), err error) {
	if e.turns == nil {
		return func() {}, nil
	}
	select {
	case e.turns <- struct{}{}:
		return func() { <-e.turns }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait until another query has ended: %w", ctx.Err())
	}
}

// Request is one query. Only SQL is needed.
type Request struct {
	// SQL is the text of one SELECT.
	SQL string
	// Store is the store, by any of its names, that $EDS_ID means; empty means
	// lake.DefaultStore.
	Store string
	// Snapshot is the state of the stores that is read; the zero value is the newest. An
	// id is for a request over one store.
	Snapshot lake.Point
	// Dialect is the language of SQL.
	Dialect Dialect
	// Params are the values of the parameters :name in SQL. A list of texts stands
	// in IN (:name) only.
	Params map[string]queries.Value
	// Args are the values of the parameters ? in SQL, from left to right. Only
	// Trino's dialect has them.
	Args []queries.Value
	// Now is what now() means; zero means the moment of the call.
	Now time.Time
	// DistinctEvents reads each pair of eventID and recipientAccountId once, which
	// CloudTrail may deliver several times. What is stored stays as it is.
	DistinctEvents bool
	// TotalOrder puts rows that the query leaves in any order into one order, also where it
	// aggregates them, so that the same snapshot gives the same rows in the same order. See
	// dialect.Query.OrderTotally. Only Trino's dialect has it.
	TotalOrder bool
	// Fresh has the rows computed, whatever is kept. See Results.
	Fresh bool
	// Timeout, MaxMemory, Threads and TempDir: see Options.
	Timeout   time.Duration
	MaxMemory int64
	Threads   int
	TempDir   string
}

func (e *Engine) withDefaults(r Request) Request {
	if r.Store == "" {
		r.Store = lake.DefaultStore
	}
	if r.Timeout == 0 {
		r.Timeout = e.opts.Timeout
	}
	if r.MaxMemory == 0 {
		r.MaxMemory = e.opts.MaxMemory
	}
	if r.Threads == 0 {
		r.Threads = e.opts.Threads
	}
	if r.TempDir == "" {
		r.TempDir = e.opts.TempDir
	}
	if r.Now.IsZero() {
		r.Now = time.Now()
	}
	return r
}

// Query starts a query. The caller must close the result. Errors in the text are
// of type *StatementError; an unknown store also wraps lake.ErrStoreNotFound.
func (e *Engine) Query(ctx context.Context, r Request) (*Result, error) {
	start := time.Now()
	r = e.withDefaults(r)
	deadline := start.Add(r.Timeout)
	qctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	res, err := e.query(qctx, r, start, deadline)
	if errors.Is(err, ErrMemory) && r.Threads != 1 && qctx.Err() == nil {
		// Each thread holds blocks of its own while it sorts or joins: what two cannot do within
		// the limit, one often can.
		r.Threads = 1
		res, err = e.query(qctx, r, start, deadline)
	}
	if err != nil {
		return nil, timeoutError(ctx, err, r.Timeout)
	}
	return res, nil
}

func (e *Engine) query(ctx context.Context, r Request, start, deadline time.Time) (*Result, error) {
	done, err := e.turn(ctx)
	if err != nil {
		return nil, err
	}
	p, err := e.plan(ctx, r)
	if err != nil {
		done()
		return nil, err
	}
	pinned := newPinner(e.lake, r.Snapshot)
	pinned.turn = done
	use := e.reuse(r, p, start)
	s, pins, err := e.open(ctx, r, p, pinned, use)
	if err != nil {
		pinned.release()
		return nil, err
	}
	if use != nil && use.kept != nil {
		pinned.release()
		return use.result(pins, r, deadline), nil
	}
	s = pinnedSession{watchedSession{s, pinned}}
	rows, err := e.run(ctx, s, p, pins)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return newResult(s, use.keeping(rows), p, pins, r, start, deadline), nil
}

// open pins the stores and opens a database that can read their files. The one takes time
// where the lake is far away, the other everywhere, so they are done side by side; but where
// rows may be kept, it is first looked for these. If there are, no database is opened.
func (e *Engine) open(ctx context.Context, r Request, p *plan, pinned *pinner, use *reuse) (Session, []*Pin, error) {
	var pins []*Pin
	var files []string
	var pinErr error
	found := make(chan struct{})
	go func() {
		defer close(found)
		pinErr = pinned.steadily(ctx, func(ctx context.Context) (err error) {
			if pins, err = pinned.pin(ctx, p.tables); err != nil {
				return err
			}
			if use != nil {
				if kept, err := use.find(pins); kept || err != nil {
					return err
				}
			}
			if files, err = pinned.bring(ctx, pins, p.tables); err != nil {
				return fmt.Errorf("run query: %w", err)
			}
			return nil
		})
	}()
	if use != nil && !r.Fresh {
		select {
		case <-use.looked:
		case <-found:
		}
		if use.kept != nil {
			<-found
			return nil, pins, nil
		}
	}
	s, err := e.exec.Open(ctx, Sandbox{MaxMemory: r.MaxMemory, Threads: r.Threads, TempDir: r.TempDir, More: func() ([]string, error) {
		<-found
		return files, pinErr
	}})
	<-found // also if the database did not come to ask
	switch {
	case pinErr != nil:
		return nil, nil, pinErr
	case err != nil:
		return nil, nil, fmt.Errorf("run query: %w", err)
	}
	return s, pins, nil
}

// run starts the statement, over views where it must be the text that was parsed.
func (e *Engine) run(ctx context.Context, s Session, p *plan, pins []*Pin) (Rows, error) {
	sources, err := p.sources(func(i int) (string, error) { return p.view(pinFor(pins, i)) })
	if err != nil {
		return nil, err
	}
	if p.trino == nil {
		for i, t := range p.tables {
			if err := s.Exec(ctx, "CREATE VIEW "+quoteName(t.name)+" AS "+sources[i]); err != nil {
				return nil, viewError(t.name, err)
			}
		}
	}
	rows, err := s.Query(ctx, p.over(plannedOnce(sources)))
	if err != nil {
		return nil, p.explainError(err)
	}
	return rows, nil
}

// prepare parses the statement and pins the stores that it names. If it is to sift, it leaves
// out the files whose Bloom filters rule them out, which it reads for that. The caller
// releases the pinner.
func (e *Engine) prepare(ctx context.Context, r Request, sift bool) (*plan, []*Pin, *pinner, error) {
	p, err := e.plan(ctx, r)
	if err != nil {
		return nil, nil, nil, err
	}
	pinned := newPinner(e.lake, r.Snapshot)
	var pins []*Pin
	err = pinned.steadily(ctx, func(ctx context.Context) (err error) {
		if pins, err = pinned.pin(ctx, p.tables); err != nil || !sift {
			return err
		}
		return pinned.sift(ctx, pins, p.tables)
	})
	if err != nil {
		pinned.release()
		return nil, nil, nil, err
	}
	return p, pins, pinned, nil
}

// plan has the front end of the dialect read the statement, in a scratch session if it
// needs one: opening a database costs more than all the rest of the plan.
func (e *Engine) plan(ctx context.Context, r Request) (*plan, error) {
	switch r.Dialect {
	case DialectTrino:
		return planTrino(r)
	case DialectDuckDB:
		scratch, err := e.exec.Open(ctx, Sandbox{Threads: 1, TempDir: r.TempDir})
		if err != nil {
			return nil, fmt.Errorf("parse query: %w", err)
		}
		p, err := planDuckDB(ctx, scratch, r)
		if err := errors.Join(err, scratch.Close()); err != nil {
			return nil, err
		}
		return p, nil
	default:
		return nil, fmt.Errorf("no SQL dialect number %d", r.Dialect)
	}
}

// viewError hides the SQL that the caller never saw and keeps the cause.
func viewError(name string, err error) error {
	var x *ExecError
	if errors.As(err, &x) {
		return fmt.Errorf("open store %q: %w", name, &ExecError{Class: x.Class, Message: lowerFirst(x.Message), Offset: -1})
	}
	return fmt.Errorf("open store %q: %w", name, err)
}

// explainError turns what the database reports into what the user can act on.
func (p *plan) explainError(err error) error {
	var x *ExecError
	if !errors.As(err, &x) {
		return err
	}
	if err := damaged(x.Message); err != nil {
		return fmt.Errorf("run query: %w", err)
	}
	if err := fullDisk(x.Message); err != nil {
		return fmt.Errorf("run query: %w", err)
	}
	switch x.Class {
	case ClassMemory:
		return fmt.Errorf("%w: allow more with --max-memory, bound eventTime, or select fewer columns: %s", ErrMemory, firstLine(x.Message))
	case ClassInternal:
		return fmt.Errorf("run query: the database reports a defect of its own: %s", x.Message)
	default:
		if p.trino != nil {
			return p.trino.runtimeError(x)
		}
		return p.errorAt(x.Offset, message(x.Message))
	}
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return lowerFirst(s)
}

// timeoutError names the limit when it was the request's own that ended the query.
func timeoutError(ctx context.Context, err error, limit time.Duration) error {
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return fmt.Errorf("%w after %s: allow more with --timeout, or bound eventTime", ErrTimeout, limit)
	}
	return err
}
