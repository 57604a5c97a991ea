package duck

import (
	"errors"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// RegisterViewFunctions is for tests that read DuckDB's plans.
func RegisterViewFunctions(conn duckdb.Connection) error {
	return errors.Join(registerMembers(conn), registerElements(conn))
}
