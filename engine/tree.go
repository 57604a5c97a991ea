package engine

import (
	"cmp"
	"encoding/json"
	"math"
	"strings"
)

// node is a node of the tree that DuckDB's parser makes, as its JSON says it.
type node = map[string]any

// parsed is the answer of json_serialize_sql.
type parsed struct {
	Error      bool   `json:"error"`
	ErrorType  string `json:"error_type"`
	Message    string `json:"error_message"`
	Position   string `json:"position"`
	Statements []node `json:"statements"`
}

func text(n node, key string) string {
	s, _ := n[key].(string)
	return s
}

func child(n node, key string) node {
	c, _ := n[key].(node)
	return c
}

func list(n node, key string) []any {
	l, _ := n[key].([]any)
	return l
}

// location returns the byte offset of a node in the text, or -1.
func location(n node) int {
	num, ok := n["query_location"].(json.Number)
	if !ok {
		return -1
	}
	v, err := num.Int64()
	if err != nil || v > math.MaxInt32 { // DuckDB writes the largest integer for "nowhere"
		return -1
	}
	return int(v)
}

// facts are what the engine has to know about a checked statement.
type facts struct {
	tables  map[string]*tableUse // by lower-case name
	order   []*tableUse
	columns map[string]bool // last names and all other parts of column references, lower case
	paths   [][]string      // column references, lower case
	whole   bool            // every column of a store may be used
	stars   []starUse
	aliases map[string]bool // names of what stands in FROM clauses, lower case
}

// tableUse is a store as the statement names it.
type tableUse struct {
	name string // as written
	at   int
	uses []tableRef
}

// tableRef is one place where a store is read.
type tableRef struct {
	alias string      // lower case
	sel   *selectNode // the SELECT directly above; nil where there is none
}

// selectNode is one SELECT of a statement.
type selectNode struct {
	tree     node
	sampled  bool // by USING SAMPLE or TABLESAMPLE
	oddJoins bool // joins other than plain inner and outer ones
	renamed  bool // a table has new names for its columns
}

// starUse is a * over stores, from which hidden columns must be taken out.
type starUse struct {
	star    node
	aliases []string
}

// Allowed parts of a statement. What is not listed is refused, so that a new
// version of the database opens nothing by itself.
var (
	allowedNodes = set("SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE")
	allowedRefs  = set("BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "PIVOT")
	allowedExprs = set("COLUMN_REF", "CONSTANT", "FUNCTION", "OPERATOR", "COMPARISON", "CONJUNCTION", "CAST", "CASE",
		"BETWEEN", "LAMBDA", "LAMBDA_REF", "WINDOW", "SUBQUERY", "STAR", "COLLATE", "DEFAULT", "POSITIONAL_REFERENCE", "TYPE")
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}

// scope holds the names of common table expressions that are visible.
type scope struct {
	names map[string]bool
	outer *scope
}

func (s *scope) has(name string) bool {
	for ; s != nil; s = s.outer {
		if s.names[name] {
			return true
		}
	}
	return false
}

// walker checks a tree and collects facts.
type walker struct {
	src   *source
	facts facts
}

// check walks the statement and returns what is to be known about it, or why it is
// refused.
func check(src *source, statement node) (*facts, error) {
	w := &walker{src: src, facts: facts{
		tables: map[string]*tableUse{}, columns: map[string]bool{}, aliases: map[string]bool{},
	}}
	if err := w.query(child(statement, "node"), nil); err != nil {
		return nil, err
	}
	w.wholeRows()
	return &w.facts, nil
}

// wholeRows finds references to a table as one value, as in SELECT e FROM events e.
func (w *walker) wholeRows() {
	for _, t := range w.facts.order {
		for _, u := range t.uses {
			for _, p := range w.facts.paths {
				if len(p) == 1 && p[0] == u.alias {
					w.facts.whole = true
				}
			}
		}
	}
}

// query walks a query node: first its common table expressions, each of which sees
// those before it, then the rest.
func (w *walker) query(n node, outer *scope) error {
	kind := text(n, "type")
	if !allowedNodes[kind] {
		return w.src.errorAt(-1, "%s is not allowed: a query is one SELECT", describe(kind))
	}
	sc := &scope{names: map[string]bool{}, outer: outer}
	for _, e := range list(child(n, "cte_map"), "map") {
		entry := e.(node)
		name := strings.ToLower(text(entry, "key"))
		value := child(entry, "value")
		q := child(child(value, "query"), "node")
		if text(q, "type") == "RECURSIVE_CTE_NODE" {
			// Only a recursive expression sees itself.
			if err := w.query(q, &scope{names: set(name), outer: sc}); err != nil {
				return err
			}
		} else if err := w.query(q, sc); err != nil {
			return err
		}
		if err := w.any(value["key_targets"], sc); err != nil {
			return err
		}
		sc.names[name] = true
	}
	if kind == "SELECT_NODE" {
		sel := &selectNode{tree: n, sampled: n["sample"] != nil}
		if err := w.from(child(n, "from_table"), sel, sc); err != nil {
			return err
		}
		w.starsOf(sel)
	}
	for key, v := range n {
		if key == "cte_map" || key == "from_table" && kind == "SELECT_NODE" {
			continue
		}
		if err := w.any(v, sc); err != nil {
			return err
		}
	}
	return nil
}

// any walks whatever stands below a node.
func (w *walker) any(v any, sc *scope) error {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			if err := w.any(e, sc); err != nil {
				return err
			}
		}
	case node:
		if _, ok := v["cte_map"]; ok {
			return w.query(v, sc)
		}
		if _, ok := v["class"]; ok {
			return w.expr(v, sc)
		}
		if _, ok := v["sample"]; ok {
			return w.from(v, nil, sc)
		}
		return w.below(v, sc)
	}
	return nil
}

func (w *walker) below(n node, sc *scope) error {
	for _, v := range n {
		if err := w.any(v, sc); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) expr(n node, sc *scope) error {
	class := text(n, "class")
	if !allowedExprs[class] {
		if class == "PARAMETER" {
			return w.src.errorAt(location(n), "parameters are not allowed in a query's text")
		}
		return w.src.errorAt(location(n), "%s is not allowed", describe(class))
	}
	switch class {
	case "COLUMN_REF":
		w.column(n)
	case "FUNCTION", "WINDOW":
		if name := text(n, "function_name"); deniedFunction(name) {
			return w.src.errorAt(location(n), "function %q is not allowed", name)
		}
	case "STAR", "POSITIONAL_REFERENCE":
		w.facts.whole = true
	}
	return w.below(n, sc)
}

func (w *walker) column(n node) {
	var path []string
	for _, p := range list(n, "column_names") {
		s, _ := p.(string)
		s = strings.ToLower(s)
		path = append(path, s)
		w.facts.columns[s] = true
	}
	w.facts.paths = append(w.facts.paths, path)
}

// from walks a table reference; sel is the SELECT whose FROM clause it stands in.
func (w *walker) from(n node, sel *selectNode, sc *scope) error {
	kind := text(n, "type")
	if !allowedRefs[kind] {
		if kind == "SHOW_REF" {
			return w.src.errorAt(-1, "DESCRIBE, SHOW and SUMMARIZE are not allowed: a query is one SELECT")
		}
		return w.src.errorAt(location(n), "%s is not allowed", describe(kind))
	}
	if sel != nil {
		sel.note(n)
	}
	w.facts.aliases[strings.ToLower(cmp.Or(text(n, "alias"), text(n, "table_name")))] = true
	switch kind {
	case "BASE_TABLE":
		return w.table(n, sel, sc)
	case "JOIN":
		for _, c := range list(n, "using_columns") {
			name, _ := c.(string)
			w.facts.columns[strings.ToLower(name)] = true
		}
		if text(n, "ref_type") == "NATURAL" {
			w.facts.whole = true
		}
		for _, side := range []string{"left", "right"} {
			if err := w.from(child(n, side), sel, sc); err != nil {
				return err
			}
		}
		return w.any(n["condition"], sc)
	case "TABLE_FUNCTION":
		f := child(n, "function")
		name := text(f, "function_name")
		if !allowedTableFunctions[strings.ToLower(name)] || text(f, "class") != "FUNCTION" {
			return w.src.errorAt(location(n), "table function %q is not allowed", name)
		}
		return w.below(n, sc)
	case "PIVOT":
		w.facts.whole = true
	}
	return w.below(n, sc)
}

// plainJoins keep WHERE conditions on either side meaning what they say.
var (
	plainJoins    = set("INNER", "LEFT", "RIGHT", "OUTER")
	plainRefTypes = set("REGULAR", "CROSS", "DEPENDENT")
)

// note keeps what decides whether conditions of the SELECT bound its tables.
func (s *selectNode) note(ref node) {
	odd := !plainJoins[text(ref, "join_type")] || !plainRefTypes[text(ref, "ref_type")] || len(list(ref, "using_columns")) > 0
	s.oddJoins = s.oddJoins || odd && text(ref, "type") == "JOIN"
	s.sampled = s.sampled || ref["sample"] != nil
	s.renamed = s.renamed || len(list(ref, "column_name_alias")) > 0
}

func (w *walker) table(n node, sel *selectNode, sc *scope) error {
	name := text(n, "table_name")
	key := strings.ToLower(name)
	if text(n, "catalog_name") != "" || text(n, "schema_name") != "" {
		return w.src.errorAt(location(n), "qualified table names are not allowed; name an event data store")
	}
	if sc.has(key) {
		return nil
	}
	if n["at_clause"] != nil {
		return w.src.errorAt(location(n), "AT is not allowed")
	}
	use := w.facts.tables[key]
	if use == nil {
		use = &tableUse{name: name, at: location(n)}
		w.facts.tables[key] = use
		w.facts.order = append(w.facts.order, use)
	}
	alias := strings.ToLower(cmp.Or(text(n, "alias"), name))
	use.uses = append(use.uses, tableRef{alias: alias, sel: sel})
	return w.any(n["sample"], sc)
}

// starsOf notes the stars of a SELECT that reads stores directly.
func (w *walker) starsOf(sel *selectNode) {
	var aliases []string
	for _, t := range w.facts.order {
		for _, u := range t.uses {
			if u.sel == sel {
				aliases = append(aliases, u.alias)
			}
		}
	}
	if len(aliases) == 0 {
		return
	}
	var find func(v any)
	find = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				find(e)
			}
		case node:
			if _, ok := v["cte_map"]; ok {
				return // a query of its own
			}
			if text(v, "class") == "STAR" {
				w.facts.stars = append(w.facts.stars, starUse{v, aliases})
			}
			for _, e := range v {
				find(e)
			}
		}
	}
	for key, v := range sel.tree {
		// The star of ORDER BY ALL, among the modifiers, stands for the select list.
		if key != "from_table" && key != "cte_map" && key != "modifiers" {
			find(v)
		}
	}
}

// describe turns DuckDB's name for a part of a statement into words.
func describe(kind string) string {
	if kind == "" {
		return "this statement"
	}
	return strings.ToLower(strings.ReplaceAll(kind, "_", " "))
}
