package dialect

// Aggregates that keep the first of equal values, or those of a key together, sort all values first,
// and find equal ones among neighbours. Looked for among all, each takes time for each: the access keys
// of a million events took more than a minute.

// firsts are the places in $1, a sorted list of structs, of those whose k is not that of the one before.
const firsts = "list_filter(list_transform(list_zip($1, list_prepend(NULL, $1), true)," +
	" lambda _p, _i : CASE WHEN _p[2] IS NULL OR _p[1].k IS DISTINCT FROM _p[2].k THEN _i END), lambda _n : _n IS NOT NULL)"

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

// longList is how long a list is whose equal values are found by sorting. In short ones each looks for
// itself, which takes a quarter of the time.
const longList = "1000"

// distinctOf makes of a list the list of its values, each where it stands first, and NULL of NULL.
func (p *duckPrinter) distinctOf(list string) string {
	return p.bound([]string{list}, func(x []string) string {
		sorted := p.ofList("list_sort(list_transform($1, lambda _x, _i : struct_pack(k := _x, i := _i)))", x[0])
		return "(CASE WHEN len(" + x[0] + ") > " + longList + " THEN list_select(" + x[0] + ", " + p.bound([]string{sorted}, func(s []string) string {
			return "list_sort(list_select(" + p.ofList("list_transform($1, lambda _x : struct_extract(_x, 'i'))", s[0]) + ", " + p.ofList(firsts, s[0]) + "))"
		}) + ") ELSE " + p.ofList("list_filter($1, lambda _x, _i : _i = list_position($1, _x))", x[0]) + " END)"
	})
}

// ofList fills in a template whose arguments are lists.
func (p *duckPrinter) ofList(t string, lists ...string) string {
	return p.template(t, lists, []*Type{Unknown, Unknown, Unknown}[:len(lists)], Unknown)
}
