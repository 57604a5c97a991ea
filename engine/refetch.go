package engine

import (
	"context"
	"errors"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/lake"
)

// A copy of a file may have come damaged, or be damaged since: of copies of parts only its
// reader can notice. The query fails then, and the copy is dropped, so that the next one
// has it fetched anew.

// watchedSession drops the copies of files in which the database finds damage.
type watchedSession struct {
	Session
	pinned *pinner
}

// Exec implements Session.
func (s watchedSession) Exec(ctx context.Context, sql string) error {
	return s.pinned.noticed(s.Session.Exec(ctx, sql))
}

// Query implements Session.
func (s watchedSession) Query(ctx context.Context, sql string) (Rows, error) {
	rows, err := s.Session.Query(ctx, sql)
	if err != nil {
		return nil, s.pinned.noticed(err)
	}
	return watchedRows{rows, s.pinned}, nil
}

type watchedRows struct {
	Rows
	pinned *pinner
}

// Next implements Rows.
func (r watchedRows) Next(ctx context.Context) (arrow.RecordBatch, error) {
	b, err := r.Rows.Next(ctx)
	return b, r.pinned.noticed(err)
}

// noticed returns err. Where it says that a file is damaged its copy is dropped; all of them
// where it does not say which.
func (n *pinner) noticed(err error) error {
	var x *ExecError
	if !errors.As(err, &x) || damaged(x.Message) == nil {
		return err
	}
	path := damagedPath(x.Message)
	for _, w := range n.wanted {
		for uri, f := range w.files {
			if path == "" || n.paths[uri] == path {
				w.store.Forget([]lake.DataFile{f})
			}
		}
	}
	return err
}
