package query

import (
	"embed"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"traillake/queries"
)

//go:embed suite/*.sql
var suiteFiles embed.FS

// task is a query of the suite. Its file begins with lines of "-- group:" and "-- title:".
// What follows is Trino's text, and that of DuckDB where no line "-- duckdb" begins another
// for it. The line "-- clickhouse" begins that of ClickHouse.
type task struct {
	name, group, title string
	// texts are by dialect.
	texts map[dialect]string
}

// dialect says for whom a text of a query is.
type dialect string

const (
	// dialectTrino is what Traillake takes.
	dialectTrino dialect = "trino"
	// dialectDuckDB is SQL written by hand for tables events, with the columns as they
	// are delivered, and records, with the text of the record in eventJson.
	dialectDuckDB dialect = "duckdb"
	// dialectClickHouse is SQL written by hand for a table events, with the columns of a
	// store's data files.
	dialectClickHouse dialect = "clickhouse"
)

// Suite returns the names of all queries, in their order.
func Suite() []string {
	var names []string
	for _, t := range suite() {
		names = append(names, t.name)
	}
	return names
}

func suite() []*task {
	entries, err := suiteFiles.ReadDir("suite")
	if err != nil {
		panic("BUG: read the suite: " + err.Error())
	}
	var list []*task
	for _, e := range entries {
		text, err := suiteFiles.ReadFile(path.Join("suite", e.Name()))
		if err != nil {
			panic("BUG: read the suite: " + err.Error())
		}
		_, name, _ := strings.Cut(strings.TrimSuffix(e.Name(), ".sql"), "-") // 01-name.sql
		list = append(list, parseTask(name, string(text)))
	}
	return list
}

func parseTask(name, text string) *task {
	t := &task{name: name, texts: map[dialect]string{}}
	at := dialectTrino
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "-- group":
			t.group = value
		case "-- title":
			t.title = value
		case "-- duckdb":
			at = dialectDuckDB
		case "-- clickhouse":
			at = dialectClickHouse
		default:
			t.texts[at] += line
		}
	}
	for d, s := range t.texts {
		t.texts[d] = strings.TrimSpace(s)
	}
	if t.texts[dialectDuckDB] == "" {
		t.texts[dialectDuckDB] = t.texts[dialectTrino]
	}
	return t
}

// chosen are the queries of the given names, in the order of the suite; nil is all.
func chosen(names []string) ([]*task, error) {
	all := suite()
	if names == nil {
		return all, nil
	}
	for _, n := range names {
		if !slices.ContainsFunc(all, func(t *task) bool { return t.name == n }) {
			return nil, fmt.Errorf("no query %q; there are: %s", n, strings.Join(Suite(), ", "))
		}
	}
	return slices.DeleteFunc(all, func(t *task) bool { return !slices.Contains(names, t.name) }), nil
}

var parameter = regexp.MustCompile(`:([a-z_]+)`)

// missing names a parameter of the query that has no value; empty if there is none.
func (t *task) missing(values map[string]queries.Value) string {
	for _, m := range parameter.FindAllStringSubmatch(t.texts[dialectTrino], -1) {
		if _, ok := values[m[1]]; !ok {
			return m[1]
		}
	}
	return ""
}

// text is the query for a dialect. Trino's keeps its parameters, which are given beside it.
func (t *task) text(d dialect, values map[string]queries.Value) (string, error) {
	switch d {
	case dialectTrino:
		return t.texts[d], nil
	case dialectClickHouse:
		values = clickHouseValues(values)
	}
	return queries.Substitute(t.texts[d], values)
}

// params are the values of the parameters that the query has.
func (t *task) params(values map[string]queries.Value) map[string]queries.Value {
	used := map[string]queries.Value{}
	for _, m := range parameter.FindAllStringSubmatch(t.texts[dialectTrino], -1) {
		used[m[1]] = values[m[1]]
	}
	return used
}
