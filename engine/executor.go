package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/engine/encode"
)

// ErrAbandoned is the error of a Session whose last call the database did not end when it
// was told to. Such a session can only be closed.
var ErrAbandoned = errors.New("the database works on a query that did not end in time")

// Executor runs SQL that the engine wrote or checked. Package duck implements
// it. An Executor may be used by several goroutines.
type Executor interface {
	// Open starts an empty database that can read the files of box and nothing
	// else. Nothing that runs in it can change its settings. The caller must
	// close the session.
	Open(ctx context.Context, box Sandbox) (Session, error)
}

// Sandbox says what a session may use.
type Sandbox struct {
	// Files are the absolute paths of the only files that SQL may read.
	Files []string
	// More, if not nil, returns more of such files. It is called once, when all else is
	// ready, so that a database can be opened while its files are looked for.
	More func() ([]string, error)
	// MaxMemory bounds the memory of the session, in bytes; zero means the
	// executor's default.
	MaxMemory int64
	// Threads bounds the worker threads; zero means the executor's default.
	Threads int
	// Again says that several statements read the files, so that it pays to remember what
	// their footers say, which takes about 0.1 MB for each file beyond MaxMemory.
	Again bool
	// TempDir is the folder in which the session makes its private folder for
	// what does not fit into memory; empty means the system's.
	TempDir string
}

// WithMore waits for the files that More returns, and returns the box with them among Files.
func (b Sandbox) WithMore() (Sandbox, error) {
	if b.More == nil {
		return b, nil
	}
	files, err := b.More()
	b.Files, b.More = slices.Concat(b.Files, files), nil
	return b, err
}

// Session is one database. It must not be used by two goroutines at a time.
type Session interface {
	// Exec runs one statement and drops its result.
	Exec(ctx context.Context, sql string) error
	// Query starts one SELECT. It may have one parameter, LateFalse, which is false. At most
	// one result of a session may be open.
	// Errors are of type *ExecError where the database reports them.
	Query(ctx context.Context, sql string) (Rows, error)
	// Close frees everything, the private folder included. Rows must be closed
	// before.
	Close() error
}

// Rows is a running query.
type Rows interface {
	// Schema describes the columns. It is valid after Close.
	Schema() *arrow.Schema
	// Next returns the next batch, which the caller must release, or io.EOF.
	// Batches do not share memory with the database.
	Next(ctx context.Context) (arrow.RecordBatch, error)
	// Close ends the query if it runs. It may be called twice.
	Close() error
}

// LogicalType and TypeJSON mark text columns that hold values of another SQL type.
const (
	LogicalType = encode.LogicalType
	TypeJSON    = encode.TypeJSON
)

// ErrorClass sorts what an executor reports.
type ErrorClass uint8

// The classes.
const (
	// ClassOther is an error of the query while it runs, such as a bad cast.
	ClassOther ErrorClass = iota
	// ClassSyntax is text that does not parse.
	ClassSyntax
	// ClassBind is an unknown or ambiguous name, or types that do not fit.
	ClassBind
	// ClassMemory is a query that hit the memory or temporary-file limit.
	ClassMemory
	// ClassDenied is an attempt to leave the sandbox.
	ClassDenied
	// ClassInternal is a defect in the database.
	ClassInternal
)

// ExecError is an error that the database reports.
type ExecError struct {
	// Class sorts the error.
	Class ErrorClass
	// Message is the database's text without any part of the SQL.
	Message string
	// Offset is the byte offset in the SQL, or -1 when the database names none.
	Offset int
}

func (e *ExecError) Error() string { return e.Message }
