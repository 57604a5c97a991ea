package duck

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"traillake/engine"
	"traillake/internal/hostmemory"
	"traillake/internal/tempdir"
)

const (
	defaultMemory = 2 << 30
	// maxSpill bounds the temporary files of a session, in bytes.
	maxSpill = 20 << 30
	// MinMemory is the least that is accepted, in bytes. The number is a guess at what a small
	// scan on a few threads needs.
	MinMemory = 32 << 20
)

// executor has the limits of sessions that name none.
type executor struct{ limits limits }

var _ engine.Executor = executor{}

// Defaults returns the limits of a session that names none: 2 GiB of memory, or what a small
// machine has for it, and a thread for each CPU that the process may use.
func Defaults() engine.Sandbox {
	return engine.Sandbox{MaxMemory: hostmemory.ForDatabase(defaultMemory), Threads: runtime.GOMAXPROCS(0)}
}

// New returns an executor. It holds no resources until a session is opened.
func New() engine.Executor {
	d := Defaults()
	return executor{limits{memory: d.MaxMemory, spill: maxSpill, threads: d.Threads}}
}

// Open implements engine.Executor.
func (x executor) Open(ctx context.Context, box engine.Sandbox) (engine.Session, error) {
	l := x.limits
	l.again = box.Again
	if box.MaxMemory > 0 {
		l.memory = box.MaxMemory
	}
	if l.memory < MinMemory {
		return nil, fmt.Errorf("open database: a memory limit of %d bytes is too small; the least is %d MiB", l.memory, MinMemory>>20)
	}
	if box.Threads > 0 {
		l.threads = box.Threads
	}
	spill, err := tempdir.New(box.TempDir, "traillake-query-", tempdir.Age)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if !utf8.ValidString(spill.Dir) {
		err := fmt.Errorf("open database: the name of the folder for temporary files, %q, is no UTF-8: let TMPDIR name another", filepath.Dir(spill.Dir))
		return nil, errors.Join(err, spill.Remove())
	}
	l.tempDir = spill.Dir
	s := &session{spill: spill, grace: defaultGrace}
	if err := s.start(ctx, l, box); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), s.Close())
	}
	return s, nil
}

// session is one database with one connection.
type session struct {
	db   duckdb.Database
	conn duckdb.Connection
	// spill is removed, and nil, once the session is closed.
	spill *tempdir.Folder
	rows  *rows // the open result, if any
	// declared are the names of our functions that the database has.
	declared map[string]bool
	streamed bool // there may be a transaction of a result that was not read to its end
	// grace is for how long an interrupted call may go on before it is given up.
	grace time.Duration
	// abandoned is not nil once a call into DuckDB was given up. It is closed when
	// that call has ended and the database with it.
	abandoned chan struct{}
}

func (s *session) start(ctx context.Context, l limits, box engine.Sandbox) error {
	var cfg duckdb.Config
	if duckdb.CreateConfig(&cfg) == duckdb.StateError {
		return errors.New("make configuration")
	}
	defer duckdb.DestroyConfig(&cfg)
	for _, set := range startSettings {
		if duckdb.SetConfig(cfg, set.name, set.value(l)) == duckdb.StateError {
			return fmt.Errorf("setting %s", set.name)
		}
	}
	var msg string
	if duckdb.OpenExt("", &s.db, cfg, &msg) == duckdb.StateError {
		return parseError(msg)
	}
	if duckdb.Connect(s.db, &s.conn) == duckdb.StateError {
		return errors.New("connect")
	}
	var stmts []string
	for _, set := range connSettings {
		if value := set.value(l); value != "" { // each takes 0.3 ms
			stmts = append(stmts, "SET "+set.name+" = "+quote(value))
		}
	}
	if err := s.set(ctx, stmts); err != nil {
		return err
	}
	box, err := box.WithMore()
	if err != nil {
		return err
	}
	return s.set(ctx, lockSettings(box.Files))
}

// set runs statements that change settings.
func (s *session) set(ctx context.Context, stmts []string) error {
	for _, sql := range stmts {
		if err := s.Exec(ctx, sql); err != nil {
			name, _, _ := strings.Cut(sql, " =")
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Exec implements engine.Session.
func (s *session) Exec(ctx context.Context, sql string) error {
	if err := checkText(sql); err != nil {
		return err
	}
	var res duckdb.Result
	return s.interruptible(ctx, func() error {
		if err := s.declare(sql); err != nil {
			return err
		}
		state := duckdb.Query(s.conn, sql, &res)
		defer duckdb.DestroyResult(&res)
		if state == duckdb.StateError {
			return parseError(duckdb.ResultError(&res))
		}
		return nil
	})
}

// checkText refuses text that the C interface would cut short.
func checkText(sql string) error {
	if i := strings.IndexByte(sql, 0); i >= 0 {
		return &engine.ExecError{Class: engine.ClassSyntax, Message: "zero byte in the text", Offset: i}
	}
	return nil
}

// Close implements engine.Session.
func (s *session) Close() error {
	if s.abandoned == nil {
		if s.rows != nil {
			s.rows.Close()
		}
		s.destroy()
	}
	if s.spill == nil {
		return nil
	}
	err := s.spill.Remove()
	s.spill = nil
	if err != nil {
		return fmt.Errorf("remove temporary folder: %w", err)
	}
	return nil
}

// destroy frees the database and its connection.
func (s *session) destroy() {
	if s.conn.Ptr != nil {
		duckdb.Disconnect(&s.conn)
	}
	if s.db.Ptr != nil {
		duckdb.Close(&s.db)
	}
}
