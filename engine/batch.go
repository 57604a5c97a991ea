package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Batch answers several requests over the same snapshots in one database, and reads
// what many of them look for only once: see share. It is not safe for concurrent use.
type Batch struct {
	engine   *Engine
	box      Sandbox
	pinner   *pinner
	session  Session // nil while none is open
	requests []batchRequest
	shared   []int64 // the rows of each table of shared rows
}

// batchRequest is a request as planned.
type batchRequest struct {
	Request
	err  error // why it cannot run
	plan *plan
	pins []*Pin
	// from are the tables of shared rows that it reads in place of the data files, by
	// the plan's tables; "" for the files.
	from []string
}

// BatchStats says how a batch is answered.
type BatchStats struct {
	// Shared is the number of requests that read shared rows, Tables the number of the
	// tables with such rows and Rows the number of rows in them.
	Shared, Tables int
	Rows           int64
}

// OpenBatch plans requests in Trino's dialect, pins their stores, each at one snapshot,
// and opens a database. What is wrong with a request alone is returned where it is run.
// MaxMemory, Threads and TempDir are those of the first request, whose Timeout bounds all of
// this. The caller must close the batch.
func (e *Engine) OpenBatch(ctx context.Context, requests []Request) (_ *Batch, err error) {
	var first Request
	if len(requests) > 0 {
		first = requests[0]
	}
	first = e.withDefaults(first)
	b := &Batch{engine: e, pinner: newPinner(e.lake, first.Snapshot),
		box: Sandbox{Again: true, MaxMemory: first.MaxMemory, Threads: first.Threads, TempDir: first.TempDir}}
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, first.Timeout)
	defer cancel()
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("run queries together: %w", timeoutError(caller, err, first.Timeout)), b.Close())
		}
	}()
	if len(requests) > 0 {
		if b.pinner.turn, err = e.turn(ctx); err != nil {
			return nil, err
		}
	}
	for _, r := range requests {
		q := batchRequest{Request: e.withDefaults(r)}
		if q.Dialect != DialectTrino {
			return nil, fmt.Errorf("not in the dialect %s", q.Dialect)
		}
		if q.DistinctEvents != first.DistinctEvents {
			return nil, errors.New("not some over each event once and others over all")
		}
		if q.Snapshot != first.Snapshot {
			return nil, errors.New("not of different snapshots")
		}
		if q.plan, q.err = planTrino(q.Request); q.err == nil {
			q.from = make([]string, len(q.plan.tables))
		}
		b.requests = append(b.requests, q)
	}
	if err := b.pinner.steadily(ctx, b.pin); err != nil {
		return nil, err
	}
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	if err := b.share(ctx); err != nil {
		return nil, err
	}
	return b, nil
}

// pin pins the stores of all requests and has their files here.
func (b *Batch) pin(ctx context.Context) error {
	for i := range b.requests {
		q := &b.requests[i]
		if q.plan == nil {
			continue
		}
		q.pins, q.err = b.pinner.pin(ctx, q.plan.tables)
		if b.pinner.outdated(q.err) {
			return q.err
		}
		if ctx.Err() != nil { // that is about all of them
			return ctx.Err()
		}
		if q.err == nil {
			b.pinner.want(q.pins, q.plan.tables)
		}
	}
	if err := b.pinner.fetch(ctx); err != nil {
		return err
	}
	var files []string
	for _, q := range b.requests {
		if q.err != nil {
			continue
		}
		files = append(files, b.pinner.locate(q.pins)...)
		if err := b.pinner.check(ctx, q.pins, q.plan.tables); err != nil {
			return err
		}
	}
	b.box.Files = sorted(files)
	return nil
}

// open opens a database, in which there is nothing yet.
func (b *Batch) open(ctx context.Context) error {
	session, err := b.engine.exec.Open(ctx, b.box)
	if err != nil {
		return err
	}
	b.session = watchedSession{session, b.pinner}
	return nil
}

// drop closes a database that was abandoned, or had too many threads for its memory; run opens
// another. What was shared is gone with it: the requests that are left read the files.
func (b *Batch) drop() error {
	session := b.session
	if session == nil {
		return nil
	}
	b.session = nil
	for _, q := range b.requests {
		clear(q.from)
	}
	return session.Close()
}

// Stats says how the batch is answered.
func (b *Batch) Stats() BatchStats {
	s := BatchStats{Tables: len(b.shared)}
	for _, rows := range b.shared {
		s.Rows += rows
	}
	for _, q := range b.requests {
		if slices.ContainsFunc(q.from, func(table string) bool { return table != "" }) {
			s.Shared++
		}
	}
	return s
}

// Query starts request number i, as Engine.Query does. At most one result of a batch may
// be open.
func (b *Batch) Query(ctx context.Context, i int) (*Result, error) {
	q := b.requests[i]
	if q.err != nil {
		return nil, q.err
	}
	start := time.Now()
	deadline := start.Add(q.Timeout)
	qctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	rows, err := b.run(qctx, q)
	scarce := errors.Is(err, ErrMemory) && b.box.Threads != 1 // see Engine.Query
	if scarce {
		b.box.Threads = 1
	}
	if (scarce || errors.Is(err, ErrAbandoned)) && qctx.Err() == nil {
		if err = b.drop(); err == nil {
			rows, err = b.run(qctx, q)
		}
	}
	if err != nil {
		return nil, timeoutError(ctx, err, q.Timeout)
	}
	return newResult(keptSession{b.session}, rows, q.plan, q.pins, q.Request, start, deadline), nil
}

func (b *Batch) run(ctx context.Context, q batchRequest) (Rows, error) {
	if b.session == nil {
		if err := b.open(ctx); err != nil {
			return nil, fmt.Errorf("run query: %w", err)
		}
	}
	sources, err := q.plan.sources(func(i int) (string, error) { return b.source(q, i) })
	if err != nil {
		return nil, err
	}
	rows, err := b.session.Query(ctx, q.plan.over(plannedOnce(sources)))
	if err != nil {
		return nil, q.plan.explainError(err)
	}
	return rows, nil
}

// source returns the SELECT of the stored columns that table i of a request reads.
func (b *Batch) source(q batchRequest, i int) (string, error) {
	if q.from[i] != "" {
		return "SELECT * FROM " + quoteName(q.from[i]), nil
	}
	return q.plan.view(pinFor(q.pins, i))
}

// Close frees the database and lets go of the snapshots.
func (b *Batch) Close() error {
	err := b.drop()
	b.pinner.release()
	return err
}

// keptSession is a session that outlives its results.
type keptSession struct{ Session }

// Close leaves the session to the batch.
func (keptSession) Close() error { return nil }
