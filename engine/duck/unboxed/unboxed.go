// Package unboxed runs SQL of our own in a DuckDB without a sandbox. Benchmarks
// compare with it what a user would do without Traillake. No text of a user may reach
// it.
package unboxed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// Options bound a run. Zero values leave a setting to DuckDB.
type Options struct {
	// Threads is the number of threads.
	Threads int
	// TempDir is where DuckDB spills to.
	TempDir string
}

// Version returns that of the DuckDB that is linked in.
func Version() string { return strings.TrimPrefix(duckdb.LibraryVersion(), "v") }

// Run executes the statements one after the other in a fresh database in memory, and
// returns the number of rows that the last one wrote. A context that ends interrupts
// what runs.
func Run(ctx context.Context, o Options, statements ...string) (rows int64, err error) {
	return run(ctx, o, nil, nil, statements)
}

// RunTimed executes the statements of prepare, calls started, and goes on with the
// others.
func RunTimed(ctx context.Context, o Options, prepare []string, started func(), statements ...string) error {
	_, err := run(ctx, o, prepare, started, statements)
	return err
}

func run(ctx context.Context, o Options, prepare []string, started func(), statements []string) (rows int64, err error) {
	var cfg duckdb.Config
	if duckdb.CreateConfig(&cfg) == duckdb.StateError {
		return 0, errors.New("open DuckDB: make configuration")
	}
	defer duckdb.DestroyConfig(&cfg)
	set := map[string]string{"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
	if o.Threads > 0 {
		set["threads"] = strconv.Itoa(o.Threads)
	}
	if o.TempDir != "" {
		set["temp_directory"] = o.TempDir
	}
	for name, value := range set {
		if duckdb.SetConfig(cfg, name, value) == duckdb.StateError {
			return 0, fmt.Errorf("open DuckDB: setting %s", name)
		}
	}
	var db duckdb.Database
	var msg string
	if duckdb.OpenExt("", &db, cfg, &msg) == duckdb.StateError {
		return 0, fmt.Errorf("open DuckDB: %s", msg)
	}
	defer duckdb.Close(&db)
	var conn duckdb.Connection
	if duckdb.Connect(db, &conn) == duckdb.StateError {
		return 0, errors.New("open DuckDB: connect")
	}
	defer duckdb.Disconnect(&conn)
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		duckdb.Interrupt(conn)
	})
	defer func() {
		if !stop() {
			<-interrupted // the connection must outlive the call
		}
	}()
	for i, sql := range slices.Concat(prepare, statements) {
		if i == len(prepare) && started != nil {
			started()
		}
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		if rows, err = execute(conn, sql); err != nil {
			return 0, errors.Join(fmt.Errorf("run %.80q: %w", sql, err), ctx.Err())
		}
	}
	return rows, nil
}

func execute(conn duckdb.Connection, sql string) (int64, error) {
	var res duckdb.Result
	state := duckdb.Query(conn, sql, &res)
	defer duckdb.DestroyResult(&res)
	if state == duckdb.StateError {
		return 0, errors.New(duckdb.ResultError(&res))
	}
	return int64(duckdb.RowsChanged(&res)), nil
}
