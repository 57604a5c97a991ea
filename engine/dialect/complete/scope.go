package complete

import (
	"slices"
	"strings"

	"traillake/engine/dialect"
	"traillake/engine/dialect/syntax"
)

// table is a relation that expressions can name.
type table struct {
	name   string // "" for none
	fields []Field
}

// tables returns the relations whose columns can be named at position i, from the
// inside out. Where no FROM clause is found, which is usual while the select list is
// typed, it is a store.
func (s *scan) tables(i int) []table {
	var list []table
	at := i
	for _, b := range s.blocks(i) {
		lo, hi := s.arm(b.lo, b.hi, at)
		list = append(list, s.fromTables(lo, hi, i)...)
		if b.open < 0 || contains([]string{"FROM", "JOIN", "AS"}, s.key(b.open-1)) && s.isQuery(b.lo, b.hi) {
			break // what is around cannot be seen
		}
		at = b.open
	}
	if list == nil {
		list = []table{{fields: s.names.Columns}}
	}
	return list
}

func (s *scan) tableNamed(name string, i int) *table {
	for _, t := range s.tables(i) {
		if t.name != "" && strings.EqualFold(t.name, name) {
			return &t
		}
	}
	return nil
}

// isQuery says whether a query begins at lo.
func (s *scan) isQuery(lo, hi int) bool {
	return lo < hi && contains([]string{"SELECT", "WITH", "VALUES", "TABLE"}, s.key(lo))
}

// arm cuts [lo,hi) to the part of UNION, INTERSECT or EXCEPT that holds position i.
func (s *scan) arm(lo, hi, i int) (int, int) {
	for k := lo; k < hi; k = s.next(k, hi) {
		if !contains([]string{"UNION", "INTERSECT", "EXCEPT"}, s.key(k)) {
			continue
		}
		if k >= i {
			return lo, k
		}
		lo = k + 1
	}
	return lo, hi
}

// fromEnd are the keywords that end a FROM clause.
var fromEnd = []string{"WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FETCH", "WINDOW", "UNION", "INTERSECT", "EXCEPT", "SELECT"}

// fromTables returns the relations of the FROM clause of a query in [lo,hi). Seen from
// inside the clause, they are those in front of position i.
func (s *scan) fromTables(lo, hi, i int) []table {
	from := s.find(lo, hi, "FROM")
	if from == hi || s.inFunction(lo) {
		return nil
	}
	return s.relations(from+1, min(hi, s.find(from+1, hi, fromEnd...)), i)
}

// inFunction says whether the block that begins at lo holds the arguments of a function
// in which FROM has another meaning.
func (s *scan) inFunction(lo int) bool {
	return s.key(lo-1) == "(" && contains([]string{"EXTRACT", "TRIM", "SUBSTRING"}, s.key(lo-2))
}

// relations reads the relations in [lo,hi), which commas and joins separate.
func (s *scan) relations(lo, hi, i int) []table {
	var list []table
	for k := lo; k < hi; {
		if k <= i && i < hi && s.find(k, hi, ",", "JOIN") >= i {
			return list // position i is in this one
		}
		list = append(list, s.relation(k, hi, i)...)
		k = s.find(k, hi, ",", "JOIN") + 1
	}
	return list
}

// relation reads the relation that begins at token k.
func (s *scan) relation(k, hi, i int) []table {
	if s.key(k) == "LATERAL" {
		k++
	}
	var fields []Field
	var nested []table
	name := ""
	end := s.next(k, hi)
	switch {
	case s.key(k) == "(" && s.isQuery(k+1, hi):
		fields = s.selectFields(k+1, s.inner(k, hi))
	case s.key(k) == "(":
		nested = s.relations(k+1, s.inner(k, hi), i)
	case s.key(k) == "UNNEST" && s.key(k+1) == "(":
		end = s.next(k+1, hi)
		fields = s.unnested(k+2, s.inner(k+1, hi))
	default:
		if name, end = s.tableName(k, hi); end == k {
			return nil
		}
		fields = s.tableFields(name, k)
	}
	alias, end := s.alias(end, hi)
	if alias != "" {
		name = alias
	}
	if s.key(end) == "(" && end < hi && alias != "" {
		fields = s.renamed(fields, end)
	}
	if nested != nil && name == "" {
		return nested
	}
	return []table{{name, fields}}
}

// tableName reads a table's name in one piece, such as a bare id, and returns the token
// behind it.
func (s *scan) tableName(k, hi int) (string, int) {
	start := k
	for ; k < hi; k++ {
		t := s.toks[k]
		glued := k > start && t.Start == s.toks[k-1].End
		_, isName := s.nameAt(k)
		switch {
		case k > start && !glued:
		case isName, t.Kind == syntax.DigitIdent, t.Kind == syntax.Integer, t.Kind == syntax.Double, t.Key == "-", t.Key == ".", s.str(k) == "$":
			continue
		}
		break
	}
	if k == start {
		return "", k
	}
	name, ok := s.nameAt(k - 1)
	if !ok || k > start+1 && s.key(k-2) != "." {
		name = s.text[s.toks[start].Start:s.toks[k-1].End]
	}
	return name, k
}

// alias reads [AS] alias at token k and returns the token behind it.
func (s *scan) alias(k, hi int) (string, int) {
	if s.key(k) == "AS" {
		k++
	}
	// These can be names, but here they begin what follows.
	if k >= hi || k == s.cur && s.key(k) != "" || contains([]string{"TABLESAMPLE", "LIMIT", "OFFSET", "FETCH", "WINDOW", "MATCH_RECOGNIZE"}, s.key(k)) {
		return "", k
	}
	name, ok := s.nameAt(k)
	if !ok {
		return "", k
	}
	return name, k + 1
}

// renamed gives fields the names that the list of names at token open says.
func (s *scan) renamed(fields []Field, open int) []Field {
	var names []string
	for k := open + 1; k < s.next(open, len(s.toks)); k++ {
		if name, ok := s.nameAt(k); ok {
			names = append(names, name)
		}
	}
	out := make([]Field, len(names))
	for i, name := range names {
		out[i].Name = name
		if i < len(fields) {
			out[i].Type = fields[i].Type
		}
	}
	// CloudTrail Lake takes one name for the rows of an array.
	if len(out) == 1 && len(fields) > 1 {
		t := &dialect.Type{Kind: dialect.KindRow}
		for _, f := range fields {
			t.Elems, t.Names = append(t.Elems, f.Type), append(t.Names, f.Name)
		}
		out[0].Type = t
	}
	return out
}

// unnested returns the columns that UNNEST of the arguments in [lo,hi) makes.
func (s *scan) unnested(lo, hi int) []Field {
	var fields []Field
	for lo < hi {
		end := s.find(lo, hi, ",")
		switch t := s.typeOf(lo, end); {
		case t == nil:
			fields = append(fields, Field{})
		case t.Kind == dialect.KindMap:
			fields = append(fields, Field{Type: t.Key()}, Field{Type: t.Value()})
		case t.Kind == dialect.KindArray && t.Elem().Kind == dialect.KindRow:
			fields = append(fields, s.rowFields(t.Elem())...)
		default:
			fields = append(fields, Field{Type: elementType(t)})
		}
		lo = end + 1
	}
	return fields
}

// cte is a name of a WITH clause.
type cte struct {
	name         string
	columns      int // the list of column names, 0 for none
	bodyLo, body int // the tokens of the query
}

// ctes returns the names of WITH that can be seen at position i, inner ones first.
func (s *scan) ctes(i int) []cte {
	var list []cte
	for _, b := range s.blocks(i) {
		if s.key(b.lo) != "WITH" {
			continue
		}
		k, recursive := b.lo+1, false
		if s.key(k) == "RECURSIVE" {
			k, recursive = k+1, true
		}
		var here []cte
		for k < b.hi {
			name, ok := s.nameAt(k)
			c := cte{name: name}
			if k++; s.key(k) == "(" {
				c.columns, k = k, s.next(k, b.hi)
			}
			if !ok || s.key(k) != "AS" || s.key(k+1) != "(" {
				break
			}
			c.bodyLo, c.body = k+2, s.inner(k+1, b.hi)
			if i <= c.body && !recursive && i >= c.bodyLo || k > i {
				break
			}
			here = append(here, c)
			if k = s.next(k+1, b.hi); s.key(k) != "," {
				break
			}
			k++
		}
		slices.Reverse(here)
		list = append(list, here...)
	}
	return list
}

// tableFields returns the columns of the table that is named at position i.
func (s *scan) tableFields(name string, i int) []Field {
	for _, c := range s.ctes(i) {
		if strings.EqualFold(c.name, name) {
			fields := s.selectFields(c.bodyLo, c.body)
			if c.columns > 0 {
				fields = s.renamed(fields, c.columns)
			}
			return fields
		}
	}
	return s.names.Columns
}

// selectFields returns the columns of the query in [lo,hi).
func (s *scan) selectFields(lo, hi int) []Field {
	if fields, ok := s.outputs[lo]; ok {
		return fields
	}
	s.outputs[lo] = nil
	k := s.find(lo, hi, "SELECT") + 1
	if c := s.key(k); c == "DISTINCT" || c == "ALL" {
		k++
	}
	var fields []Field
	add := func(f Field) {
		if f.Name != "" && !slices.ContainsFunc(fields, func(g Field) bool { return strings.EqualFold(f.Name, g.Name) }) {
			fields = append(fields, f)
		}
	}
	end := min(hi, s.find(k, hi, append([]string{"FROM"}, fromEnd...)...))
	for k < end {
		next := s.find(k, end, ",")
		last := next - 1
		name, ok := s.nameAt(last)
		switch {
		case last < k:
		case s.key(last) == "*" && last == k:
			for _, t := range s.tables(k) {
				for _, f := range t.fields {
					add(f)
				}
			}
		case s.key(last) == "*" && last == k+2 && s.key(k+1) == ".":
			if alias, ok := s.nameAt(k); ok {
				if t := s.tableNamed(alias, k); t != nil {
					for _, f := range t.fields {
						add(f)
					}
				}
			}
		case !ok:
		case s.key(last-1) == "AS" && last-1 > k:
			add(Field{name, s.typeOf(k, last-1)})
		case last == k || s.key(last-1) == ".":
			add(Field{name, s.typeOf(k, last+1)})
		case s.toks[last-1].Kind != syntax.Operator || contains([]string{")", "]", "?"}, s.key(last-1)):
			add(Field{name, s.typeOf(k, last)})
		}
		k = next + 1
	}
	s.outputs[lo] = fields
	return fields
}
