package dialect

import (
	"slices"
	"strings"
)

// DuckDB (version 1.5.5) takes no query in a lambda, nor in TRY. There it is computed outside, as a value bound
// to a name: Trino, too, has its rows before it computes an expression that asks for them.

// outside prints an expression so that no lambda has a query in it.
func (p *duckPrinter) outside(sql string) string {
	if !strings.Contains(sql, "lambda ") || !strings.Contains(sql, "(SELECT ") {
		return sql
	}
	all := queries(sql)
	calls := lambdaCalls(sql)
	within := func(q span) bool {
		return slices.ContainsFunc(calls, func(c lambdaCall) bool { return c.lambda < q.from && q.to <= c.end })
	}
	if !slices.ContainsFunc(all, within) {
		return sql
	}
	return p.hoisted(sql, all, func(sql string) string { return sql })
}

// try prints TRY.
func (p *duckPrinter) try(sql string) string {
	all := queries(sql)
	for _, q := range all {
		// What is compared with the rows of a query is computed with it.
		if compared, _, _ := strings.Cut(sql[q.from:q.to], "(SELECT "); mayFail(compared) {
			p.refuse(-1, "NOT_SUPPORTED", "TRY around IN, ANY or ALL with a query takes no value before it that may fail; write TRY around the value alone")
		}
	}
	return p.hoisted(sql, all, func(sql string) string { return "TRY(" + sql + ")" })
}

// hoisted prints an expression with values in the place of the queries in it.
func (p *duckPrinter) hoisted(sql string, all []span, print func(string) string) string {
	var texts []string
	for _, q := range all {
		if s := sql[q.from:q.to]; !slices.Contains(texts, s) {
			texts = append(texts, s)
		}
	}
	return p.bound(texts, func(names []string) string {
		var b strings.Builder
		last := 0
		for _, q := range all {
			b.WriteString(sql[last:q.from] + names[slices.Index(texts, sql[q.from:q.to])])
			last = q.to
		}
		return print(b.String() + sql[last:])
	})
}

// beginsQuery says whether the bracket at i is around a query, which may be one of others in brackets.
func beginsQuery(sql string, i int) bool {
	rest := sql[i+1:]
	if !strings.HasPrefix(rest, "(") {
		return strings.HasPrefix(rest, "SELECT ") || strings.HasPrefix(rest, "WITH ")
	}
	if !beginsQuery(sql, i+1) {
		return false
	}
	behind := strings.TrimLeft(sql[min(closing(sql, i+1)+1, len(sql)):], " ")
	return strings.HasPrefix(behind, "UNION") || strings.HasPrefix(behind, "INTERSECT") || strings.HasPrefix(behind, "EXCEPT")
}

// span is a part of printed SQL.
type span struct{ from, to int }

// queries returns where the queries in an expression stand, but for those inside of others: together
// with EXISTS, and with what is compared with their rows.
func queries(sql string) (all []span) {
	var open []int // brackets
	for i := 0; i < len(sql); {
		switch sql[i] {
		case '\'', '"':
			i = quotedEnd(sql, i)
			continue
		case '(', '[', '{':
			if !beginsQuery(sql, i) {
				open = append(open, i)
				break
			}
			from := i
			switch before := sql[:i]; {
			case strings.HasSuffix(before, "EXISTS "):
				from -= len("EXISTS ")
			case strings.HasSuffix(before, " IN ") || strings.HasSuffix(before, " ANY ") || strings.HasSuffix(before, " ALL "):
				from = open[len(open)-1]
				open = open[:len(open)-1]
				all = slices.DeleteFunc(all, func(q span) bool { return q.from > from })
			}
			i = closing(sql, from) + 1 // of the bracket behind EXISTS, too
			all = append(all, span{from, i})
			continue
		case ')', ']', '}':
			open = open[:max(0, len(open)-1)]
		}
		i++
	}
	return all
}
