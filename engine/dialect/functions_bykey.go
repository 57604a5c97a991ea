package dialect

import "strings"

// Functions that keep the first of equal values, or those of a key together, sort all values first,
// and find equal ones among neighbours. Looked for among all, each takes time for each: the access keys
// of a million events took more than a minute.

// isFirst says of a value _x of a sorted list $1 of structs that its k is not that of the one before it, and
// firsts are the places of those.
const (
	isFirst = "_i = 1 OR _x.k IS DISTINCT FROM $1[_i - 1].k"
	firsts  = "list_filter(list_transform($1, lambda _x, _i : CASE WHEN " + isFirst + " THEN _i END), lambda _n : _n IS NOT NULL)"
)

// What byKey makes of the firsts, the keys and the values, sorted by key: a map of the first value of
// each key, or of all of them.
const (
	firstOfKey = "map(list_select($2, $1), list_select($3, $1))"
	allOfKey   = "map(list_select($2, $1), list_transform(list_zip($1, list_append($1[2:], len($3) + 1)), lambda _z : list_select($3, range(_z[1], _z[2]))))"
)

// byKey makes a map, as the template says, of a list of structs k and v, and NULL of NULL. The values
// of a key keep their order.
func (p *duckPrinter) byKey(list, template string) string {
	return p.bound([]string{list}, func(x []string) string {
		sorted := p.ofList("list_sort(list_transform($1, lambda _x, _i : struct_pack(k := struct_extract(_x, 'k'), i := _i, v := struct_extract(_x, 'v'))))", x[0])
		return "(CASE WHEN " + x[0] + " IS NOT NULL THEN " + p.bound([]string{sorted}, func(s []string) string {
			return p.ofList(template, p.ofList(firsts, s[0]),
				p.ofList("list_transform($1, lambda _k : struct_extract(_k, 'k'))", s[0]),
				p.ofList("list_transform($1, lambda _v : struct_extract(_v, 'v'))", s[0]))
		}) + " END)"
	})
}

// lastOfKey makes a map of the last value of each key in maps.
func (p *duckPrinter) lastOfKey(x []string) string {
	entries := make([]string, len(x))
	for i, m := range x {
		entries[len(x)-1-i] = "map_entries(" + m + ")"
	}
	list := p.ofList("list_transform($1, lambda _x : struct_pack(k := struct_extract(_x, 'key'), v := struct_extract(_x, 'value')))",
		"list_concat("+strings.Join(entries, ", ")+")")
	return p.byKey(list, firstOfKey)
}

// pairsByKey makes of two maps the list of their keys k, sorted, with the values a and b that the first
// and the second one have for each, or NULL.
func (p *duckPrinter) pairsByKey(x, y string, types []*Type) string {
	list := p.template("list_sort(list_concat("+
		"list_transform(map_entries($1), lambda _x : struct_pack(k := struct_extract(_x, 'key'), n := 1, a := struct_extract(_x, 'value'), b := CAST(NULL AS {2}))), "+
		"list_transform(map_entries($2), lambda _y : struct_pack(k := struct_extract(_y, 'key'), n := 2, a := CAST(NULL AS {1}), b := struct_extract(_y, 'value')))))",
		[]string{x, y}, types, Unknown)
	return p.bound([]string{list}, func(s []string) string {
		return p.ofList("list_transform($2, lambda _i : struct_pack(k := $1[_i].k, a := $1[_i].a, b := CASE WHEN $1[_i + 1].k IS NOT DISTINCT FROM $1[_i].k THEN $1[_i + 1].b ELSE $1[_i].b END))",
			s[0], p.ofList(firsts, s[0]))
	})
}

// longList is how long a list is whose equal values are found by sorting. In short ones each looks for
// itself, which takes a quarter of the time.
const longList = "1000"

// What else is asked of values of such a list, which stood at a place i of two lists, the first of which
// is $2 long: whether they stand first in the second, and whether they do and are in the first, too.
const (
	firstInSecond = "_x.i > $2 AND (" + isFirst + ")"
	alsoInFirst   = "_x.i > $2 AND $1[_i - 1].i <= $2 AND _x.k IS NOT DISTINCT FROM $1[_i - 1].k"
)

// valuesOf makes of a list the list of those values of which a condition is true, each where it stands.
func (p *duckPrinter) valuesOf(list, condition, first string) string {
	sorted := p.ofList("list_sort(list_transform($1, lambda _x, _i : struct_pack(k := _x, i := _i)))", list)
	return "list_select(" + list + ", " + p.ofList("list_sort(list_filter(list_transform($1,"+
		" lambda _x, _i : CASE WHEN "+condition+" THEN _x.i END), lambda _n : _n IS NOT NULL))", sorted, first) + ")"
}

// distinctOf makes of a list the list of its values, each where it stands first, and NULL of NULL.
func (p *duckPrinter) distinctOf(list string) string {
	return p.bound([]string{list}, func(x []string) string {
		return "(CASE WHEN len(" + x[0] + ") > " + longList + " THEN " + p.valuesOf(x[0], isFirst, "") +
			" ELSE " + p.ofList("list_filter($1, lambda _x, _i : _i = list_position($1, _x))", x[0]) + " END)"
	})
}

// arrayExcept searches as often as the first array is long.
func arrayExcept(p *duckPrinter, c *Call) string {
	return p.bound([]string{p.expr(c.Args[0]), p.expr(c.Args[1])}, func(x []string) string {
		return "(CASE WHEN len(" + x[0] + ") > " + longList + " AND " + x[1] + " IS NOT NULL THEN " +
			p.inSecond(x[1], x[0], "len("+x[1]+")", firstInSecond) + " WHEN " + x[1] + " IS NOT NULL THEN " +
			p.ofList("list_filter($1, lambda _x, _i : _i = list_position($1, _x) AND list_position($2, _x) IS NULL)", x[0], x[1]) + " END)"
	})
}

// arrayIntersect has the values in the order of the longer array.
func arrayIntersect(p *duckPrinter, c *Call) string {
	search := func(long, short string) string {
		return p.ofList("list_filter($1, lambda _x, _i : _i = list_position($1, _x) AND list_position($2, _x) IS NOT NULL)", long, short)
	}
	return p.bound([]string{p.expr(c.Args[0]), p.expr(c.Args[1])}, func(x []string) string {
		a, b := x[0], x[1]
		either := func(then, otherwise string) string {
			return "CASE WHEN len(" + a + ") < len(" + b + ") THEN " + then + " ELSE " + otherwise + " END"
		}
		return "(CASE WHEN len(" + a + ") + len(" + b + ") > " + longList + " THEN " +
			p.inSecond(either(a, b), either(b, a), "least(len("+a+"), len("+b+"))", alsoInFirst) +
			" WHEN len(" + a + ") < len(" + b + ") THEN " + search(b, a) + " WHEN " + b + " IS NOT NULL THEN " + search(a, b) + " END)"
	})
}

// inSecond are the values of the second of two lists of which a condition is true. The length of the first
// has a name outside of all else, as DuckDB then makes ready no more than that for the lists that are short.
func (p *duckPrinter) inSecond(first, second, length, condition string) string {
	return p.bound([]string{length}, func(n []string) string {
		return p.bound([]string{"list_concat(" + first + ", " + second + ")"}, func(both []string) string {
			return p.valuesOf(both[0], condition, n[0])
		})
	})
}

// ofList fills in a template whose arguments are lists.
func (p *duckPrinter) ofList(t string, lists ...string) string {
	return p.template(t, lists, []*Type{Unknown, Unknown, Unknown}[:len(lists)], Unknown)
}
