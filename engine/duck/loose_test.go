package duck

import (
	"testing"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// openLoose opens a session without any confinement, to write what tests read.
func openLoose(t testing.TB, s *session) {
	t.Helper()
	if duckdb.Open("", &s.db) == duckdb.StateError || duckdb.Connect(s.db, &s.conn) == duckdb.StateError {
		t.Fatal("open")
	}
}
