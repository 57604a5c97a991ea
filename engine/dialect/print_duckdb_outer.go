package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// outer is what a SELECT takes along of the queries around it. DuckDB (version 1.5.5) finds their columns
// neither in a lambda nor in a window, and takes an aggregate over theirs alone for one of the query that
// they are from. So a query of one row in FROM has them as columns of its own.
type outer struct {
	p       *duckPrinter
	aliases []string // of the relations around
	alias   string   // of the row, "" as long as nothing is taken along
	taken   []string
}

// around notes what is around a SELECT whose FROM has the given relations, as long as it is printed: until
// leave is called.
func (p *duckPrinter) around(r Relation) (o *outer, leave func()) {
	visible, saved := p.visible, p.outer
	o = &outer{p: p, aliases: visible}
	p.outer = o
	p.visible = slices.Clip(visible)
	ids := map[int]bool{}
	localRelations(r, ids)
	for id := range ids {
		p.visible = append(p.visible, alias(id))
	}
	return o, func() { p.visible, p.outer = visible, saved }
}

// inLambdas prints columns from around as those that are taken along, where functions with lambdas ask for
// them. DuckDB binds such a call either with its own columns or with those from around: all are taken along
// but where the lambdas ask for no column, and nothing beside them is bound to names.
func (o *outer) inLambdas(sql string) string {
	if o == nil || len(o.aliases) == 0 || !strings.Contains(sql, "lambda ") {
		return sql
	}
	var b strings.Builder
	last := 0
	for _, c := range lambdaCalls(sql) {
		if call := sql[c.start:c.end]; c.start >= last && (refers(call, o.p.visible, true) || strings.Contains(call, "struct_pack(")) {
			b.WriteString(sql[last:c.start] + o.all(call))
			last = c.end
		}
	}
	return b.String() + sql[last:]
}

// lambdaCall is where the arguments of a call with a lambda begin and end in printed SQL, and where the
// lambda begins.
type lambdaCall struct{ start, lambda, end int }

// lambdaCalls returns the calls with lambdas in printed SQL, in order.
func lambdaCalls(sql string) (calls []lambdaCall) {
	var open []int // brackets
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			i = quotedEnd(sql, i)
			continue
		case c == '(' || c == '[' || c == '{':
			open = append(open, i)
		case c == ')' || c == ']' || c == '}':
			open = open[:max(0, len(open)-1)]
		case wordByte(c):
			end := wordEnd(sql, i)
			if sql[i:end] == "lambda" && len(open) > 0 {
				start := open[len(open)-1]
				calls = append(calls, lambdaCall{start, i, closing(sql, start)})
			}
			i = end
			continue
		}
		i++
	}
	slices.SortFunc(calls, func(x, y lambdaCall) int { return x.start - y.start })
	return calls
}

// all prints all columns from around as those that are taken along.
func (o *outer) all(sql string) string {
	if o == nil || len(o.aliases) == 0 {
		return sql
	}
	var b strings.Builder
	last := 0
	references(sql, o.aliases, false, func(from, to int) {
		i := slices.Index(o.taken, sql[from:to])
		if i < 0 {
			i = len(o.taken)
			o.taken = append(o.taken, sql[from:to])
		}
		if o.alias == "" {
			o.alias = o.p.name()
		}
		fmt.Fprintf(&b, "%s%s.o%d", sql[last:from], o.alias, i)
		last = to
	})
	return b.String() + sql[last:]
}

// row prints the row, "" if nothing is taken along.
func (o *outer) row() string {
	if o.alias == "" {
		return ""
	}
	items := make([]string, len(o.taken))
	for i, sql := range o.taken {
		items[i] = fmt.Sprintf("%s AS o%d", sql, i)
	}
	return "(SELECT " + strings.Join(items, ", ") + ") AS " + o.alias
}

// from adds the row to a printed FROM, which comes first so that the conditions of its joins find it. Beside
// a RIGHT or FULL JOIN it would be missing in rows, and comes last.
func (o *outer) from(r Relation, sql string) string {
	before := o.alias
	sql = o.inLambdas(sql)
	row := o.row()
	switch {
	case row == "":
		return sql
	case sql == "":
		return " FROM " + row
	case !keepsLeft(r):
		if before != o.alias {
			o.p.refuse(-1, "NOT_SUPPORTED", "a function with a lambda, which many functions of arrays and maps become, asks for a column of the query around in the condition of a RIGHT or FULL JOIN; select what it gives in the query around first")
		}
		return sql + " CROSS JOIN " + row
	}
	return " FROM " + row + " CROSS JOIN " + strings.TrimPrefix(sql, " FROM ")
}

// keepsLeft says whether what stands before a relation, joined to it by CROSS JOIN, is in all rows.
func keepsLeft(r Relation) bool {
	j, ok := r.(*Join)
	return !ok || j.Kind != Right && j.Kind != Full && keepsLeft(j.Left)
}

// references calls found with where columns of relations with the given aliases stand in printed SQL, or in
// its lambdas alone.
func references(sql string, aliases []string, lambdas bool, found func(from, to int)) {
	brackets := 0
	var open []int // the brackets around the lambdas that are not at their end
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			i = quotedEnd(sql, i)
			continue
		case c == '(' || c == '[' || c == '{':
			brackets++
		case c == ')' || c == ']' || c == '}':
			brackets--
			for len(open) > 0 && open[len(open)-1] > brackets {
				open = open[:len(open)-1]
			}
		case wordByte(c):
			end := wordEnd(sql, i)
			switch word := sql[i:end]; {
			case word == "lambda":
				open = append(open, brackets)
			case end < len(sql) && sql[end] == '.' && (i == 0 || sql[i-1] != '.') && (!lambdas || len(open) > 0) && slices.Contains(aliases, word):
				if end++; sql[end] == '"' {
					end = quotedEnd(sql, end)
				} else {
					end = wordEnd(sql, end)
				}
				found(i, end)
			}
			i = end
			continue
		}
		i++
	}
}

// withoutTry returns printed SQL without what is in TRY, in which DuckDB looks for no columns to tell
// which query an aggregate is of.
func withoutTry(sql string) string {
	var b strings.Builder
	last := 0
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == '\'' || c == '"':
			i = quotedEnd(sql, i)
			continue
		case wordByte(c):
			end := wordEnd(sql, i)
			if sql[i:end] == "TRY" && strings.HasPrefix(sql[end:], "(") {
				b.WriteString(sql[last:end])
				end = closing(sql, end)
				last = end
			}
			i = end
			continue
		}
		i++
	}
	return b.String() + sql[last:]
}

func wordEnd(sql string, i int) int {
	for i < len(sql) && wordByte(sql[i]) {
		i++
	}
	return i
}

// refers says whether printed SQL, or a lambda in it, has a column of relations with the given aliases.
func refers(sql string, aliases []string, lambdas bool) (has bool) {
	references(sql, aliases, lambdas, func(int, int) { has = true })
	return has
}

// selected prints a SELECT of what is printed of it, with what it takes along.
func (o *outer) selected(r Relation, list, from, rest string) string {
	list, rest = o.inLambdas(list), o.inLambdas(rest)
	return "SELECT " + list + o.from(r, from) + rest
}
