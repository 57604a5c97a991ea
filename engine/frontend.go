package engine

import (
	"fmt"
	"strings"

	"traillake/lake"
)

// Dialect is the language of a query's text.
type Dialect uint8

// The dialects.
const (
	// DialectTrino is CloudTrail Lake's SQL, which is Trino's. Saved queries are
	// written in it.
	DialectTrino Dialect = iota
	// DialectDuckDB is DuckDB's SQL over the logical columns.
	DialectDuckDB
)

// ParseDialect returns the dialect of the given name.
func ParseDialect(name string) (Dialect, error) {
	switch name {
	case "trino":
		return DialectTrino, nil
	case "duckdb":
		return DialectDuckDB, nil
	default:
		return 0, fmt.Errorf("no SQL dialect %q; there are: trino, duckdb", name)
	}
}

// String returns the name that ParseDialect takes.
func (d Dialect) String() string {
	if d == DialectDuckDB {
		return "duckdb"
	}
	return "trino"
}

// plan is what a front end makes of a text: a checked statement.
type plan struct {
	// sql is what the executor runs. It names the stores as tables does.
	sql string
	// tables are the stores, each name once.
	tables []planTable
	// need says what the views must hold.
	need need
	// names are the names of the result's columns where the database would give
	// others; empty elements and a nil slice leave them to the database.
	names []string
	// errorAt places an error that the database found at a byte of sql, or nowhere
	// for a negative one.
	errorAt func(offset int, message string) error
	// trino is set where the statement was printed from a tree: it then reads the
	// stored columns, and its result has the types of the tree.
	trino *trinoPlan
}

// over returns what runs over the given SELECTs of the tables. A printed statement has them
// in front, as common table expressions, which DuckDB puts into the places that name them:
// with views it would bind them twice, and open a file for it, which takes 1.3 ms.
func (p *plan) over(sources []string) string {
	if p.trino == nil || len(sources) == 0 {
		return p.sql
	}
	with := make([]string, len(sources))
	for i, t := range p.tables {
		with[i] = quoteName(trinoView(t.name)) + " AS NOT MATERIALIZED (" + sources[i] + ")"
	}
	word, sql := "WITH ", "\n"+p.sql
	if rest, ok := strings.CutPrefix(p.sql, word); ok {
		sql = ",\n" + rest
		if rest, ok := strings.CutPrefix(rest, "RECURSIVE "); ok {
			word, sql = "WITH RECURSIVE ", ",\n"+rest
		}
	}
	return word + strings.Join(with, ",\n") + sql
}

// sources returns what source gives for each of the tables.
func (p *plan) sources(source func(i int) (string, error)) ([]string, error) {
	all := make([]string, len(p.tables))
	for i, t := range p.tables {
		var err error
		if all[i], err = source(i); err != nil {
			return nil, fmt.Errorf("view of %q: %w", t.name, err)
		}
	}
	return all, nil
}

// view returns the SELECT of a store's view.
func (p *plan) view(pin *Pin) (string, error) {
	if p.trino != nil {
		return p.trino.view(pin)
	}
	return pin.view(p.need)
}

// planTable is a store that the statement reads.
type planTable struct {
	name     string // as the statement names it
	bounds   lake.TimeRange
	reads    func(column string) bool // whether a stored column is read
	distinct bool                     // each event is read once
	counted  bool                     // nothing of its rows is read; that they are there is all
	filter   *filter                  // what rows must meet to matter; nil for nothing
	unknown  func(err error) error    // says that there is no such store
}
