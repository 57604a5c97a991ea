package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"traillake/queries"
	"traillake/schema"
)

// maxText is the longest statement, in bytes. The number is a guess: far above what
// a person writes, far below what hurts.
const maxText = 1 << 20

// planDuckDB is the front end of DuckDB's own SQL. The database's parser makes the
// tree, and the decisions fall on the tree. What runs is the text that was parsed,
// so that errors can be placed in it; only where hidden columns are used beside a *
// does a changed tree, written out again, take its place. The scratch session has no
// files.
func planDuckDB(ctx context.Context, scratch Session, r Request) (*plan, error) {
	if len(r.Args) > 0 {
		return nil, errors.New("positional parameters are Trino's; name them in DuckDB's dialect, as :name")
	}
	text := r.SQL
	if len(r.Params) > 0 {
		var err error
		if text, err = queries.Substitute(text, r.Params); err != nil {
			return nil, err
		}
	}
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, errorAt(text, i, "a zero byte is not allowed")
	}
	if !utf8.ValidString(text) {
		return nil, errors.New("the query is not valid UTF-8")
	}
	if len(text) > maxText {
		return nil, fmt.Errorf("the query is %d bytes long; the most is %d", len(text), maxText)
	}
	src := newSource(text, r.Store)
	tree, err := parse(ctx, scratch, src)
	if err != nil {
		return nil, err
	}
	f, err := check(src, tree.Statements[0])
	if err != nil {
		return nil, err
	}
	p := &plan{sql: src.sql, need: f.need(), names: f.names(tree.Statements[0])}
	p.errorAt = func(offset int, message string) error { return src.errorAt(offset, "%s", message) }
	if hidden := p.need.hidden; len(hidden) > 0 && len(f.stars) > 0 {
		for _, s := range f.stars {
			s.exclude(hidden)
		}
		if p.sql, err = deserialize(ctx, scratch, node{"error": false, "statements": tree.Statements}); err != nil {
			return nil, err
		}
		p.errorAt = func(_ int, message string) error { return src.errorAt(-1, "%s", message) }
	}
	b := bounder{scratch}
	for _, use := range f.order {
		bounds, err := b.bounds(ctx, use)
		if err != nil {
			return nil, err
		}
		p.tables = append(p.tables, planTable{
			distinct: r.DistinctEvents,
			name:     use.name, bounds: bounds, reads: p.need.reads(),
			unknown: func(err error) error { return &unknownStore{src.errorAt(use.at, "%v", err), err} },
		})
	}
	return p, nil
}

// unknownStore places the lake's error in the statement and keeps its identity.
type unknownStore struct {
	*StatementError
	cause error
}

func (e *unknownStore) Unwrap() []error { return []error{e.StatementError, e.cause} }

// parse has DuckDB's parser make the tree of exactly one SELECT.
func parse(ctx context.Context, scratch Session, src *source) (*parsed, error) {
	row, err := one(ctx, scratch, "SELECT CAST(json_serialize_sql("+quoteText(src.sql)+") AS VARCHAR)")
	if err != nil {
		return nil, fmt.Errorf("parse statement: %w", err)
	}
	if len(row) != 1 {
		return nil, errors.New("BUG: json_serialize_sql gave no row")
	}
	var p parsed
	dec := json.NewDecoder(bytes.NewReader([]byte(row[0])))
	dec.UseNumber()
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("parse statement: %w", err)
	}
	switch {
	case p.Error && p.ErrorType == "not implemented":
		return nil, src.errorAt(-1, "only one SELECT is allowed")
	case p.Error:
		at, err := strconv.Atoi(p.Position)
		if err != nil {
			at = -1
		}
		return nil, src.errorAt(at, "%s", lowerFirst(p.Message))
	case len(p.Statements) == 0:
		return nil, src.errorAt(-1, "the query is empty")
	case len(p.Statements) > 1:
		return nil, src.errorAt(-1, "only one statement is allowed, not %d", len(p.Statements))
	}
	return &p, nil
}

// need derives what the views must hold.
func (f *facts) need() need {
	n := need{
		named: func(c string) bool { return f.whole || f.columns[c] },
		whole: f.usesWhole,
	}
	for _, c := range schema.Reachable() {
		if f.columns[c.Name] {
			n.hidden = append(n.hidden, c.Name)
		}
	}
	return n
}

// reads says which stored columns the views read.
func (n need) reads() func(column string) bool {
	read := map[string]bool{}
	for _, c := range append(schema.Visible(), schema.Reachable()...) {
		if hidden := slices.Contains(n.hidden, c.Name); hidden || !c.Hidden && n.named(c.Name) {
			for _, name := range storage.Column(c.Name).Read() {
				read[name] = true
			}
		}
	}
	return func(c string) bool { return read[c] }
}

// usesWhole says whether a struct column is used otherwise than by members that
// are stored as they are shown.
func (f *facts) usesWhole(column string) bool {
	if f.whole {
		return true
	}
	i := slices.IndexFunc(schema.Stored(), func(c schema.Column) bool { return c.Name == column })
	if i < 0 {
		return true
	}
	for _, path := range f.paths {
		for k, name := range path {
			if name == column && !plainMember(schema.Stored()[i], path[k+1:]) {
				return true
			}
		}
	}
	return false
}

// plainMember says whether a path leads to a member that needs no conversion.
func plainMember(c schema.Column, path []string) bool {
	for _, name := range path {
		i := slices.IndexFunc(c.Members, func(m schema.Column) bool { return m.Name == name && !m.Hidden })
		if i < 0 {
			return false
		}
		c = c.Members[i]
	}
	return c.Kind != schema.KindJSON && !rebuilt(c, true)
}

// exclude takes hidden columns of the stores out of a star.
func (s starUse) exclude(hidden []string) {
	out := list(s.star, "qualified_exclude_list")
	relation := strings.ToLower(text(s.star, "relation_name"))
	for _, alias := range s.aliases {
		if relation != "" && relation != alias {
			continue
		}
		for _, h := range hidden {
			out = append(out, node{"catalog": "", "schema": "", "table": alias, "column": h})
		}
	}
	s.star["qualified_exclude_list"] = out
}

// names returns the result's column names as CloudTrail Lake gives them: a column
// as it was typed, a member of a row in lower case.
func (f *facts) names(statement node) []string {
	n := child(statement, "node")
	for text(n, "type") == "SET_OPERATION_NODE" {
		n = child(n, "left")
	}
	var names []string
	for _, item := range list(n, "select_list") {
		e, _ := item.(node)
		name := ""
		switch text(e, "class") {
		case "STAR":
			return nil
		case "COLUMN_REF":
			path := list(e, "column_names")
			name, _ = path[len(path)-1].(string)
			first, _ := path[0].(string)
			if len(path) > 2 || len(path) == 2 && !f.aliases[strings.ToLower(first)] {
				name = strings.ToLower(name)
			}
		}
		if text(e, "alias") != "" {
			name = ""
		}
		names = append(names, name)
	}
	return names
}
