package dialect

import (
	"fmt"
	"strings"
)

// Maps in DuckDB compare by their entries in order, so that every map made here has
// its keys sorted.

// mapGet prints the value of a key of a stored map.
func (p *duckPrinter) mapGet(text string, key Expr) string {
	return "t_map_get(" + text + ", " + p.expr(key) + ")"
}

var mapFunctions = []spec{
	{sig: "cardinality(map(K,V)) bigint", fn: func(p *duckPrinter, c *Call) string {
		if sql, s := p.stored(c.Args[0]); s != nil && s.Kind == StoredMap {
			return "len(t_map_keys(" + sql + "))"
		}
		return p.byTemplate(c, "CAST(cardinality($1) AS BIGINT)")
	}},
	{sig: "element_at(map(K,V), K) V", fn: func(p *duckPrinter, c *Call) string {
		if sql, s := p.stored(c.Args[0]); s != nil && s.Kind == StoredMap {
			return p.mapGet(sql, c.Args[1])
		}
		return p.byTemplate(c, "map_extract_value($1, $2)")
	}},
	{sig: "map() map(K,V)", duck: "map()", typ: func([]*Type) *Type { return MapOf(Unknown, Unknown) }},
	{sig: "map(array(C), array(V)) map(C,V)", fn: mapCall},
	{sig: "map_concat(map(K,V), map(K,V)...) map(K,V)", fn: func(p *duckPrinter, c *Call) string {
		args := make([]string, len(c.Args))
		for i, a := range c.Args {
			args[i] = p.expr(a)
		}
		// DuckDB passes over NULL.
		return p.bound(args, func(x []string) string {
			return "(CASE WHEN " + strings.Join(x, " IS NOT NULL AND ") + " IS NOT NULL THEN CASE WHEN cardinality(" + strings.Join(x, ") + cardinality(") + ") > " + longList +
				" THEN " + p.lastOfKey(x) + " ELSE " + p.sortedMap("map_concat("+strings.Join(x, ", ")+")") + " END END)"
		})
	}},
	{sig: "map_entries(map(K,V)) array(T)", duck: "list_transform(map_entries($1), lambda _x : struct_pack(f0 := struct_extract(_x, 'key'), f1 := struct_extract(_x, 'value')))",
		typ: func(a []*Type) *Type {
			if a[0].Kind != KindMap {
				return nil
			}
			return ArrayOf(RowOf(a[0].Elems, nil))
		}},
	{sig: "map_filter(map(K,V), function(K,V,boolean)) map(K,V)", fn: func(p *duckPrinter, c *Call) string {
		e := p.name()
		body := p.inline(c.Args[1].(*Lambda), "struct_extract("+e+", 'key')", "struct_extract("+e+", 'value')")
		return "map_from_entries(list_filter(map_entries(" + p.expr(c.Args[0]) + "), lambda " + e + " : " + body + "))"
	}},
	{sig: "map_from_entries(array(T)) map(K,V)", fn: mapFromEntries, typ: entriesMap},
	{sig: "multimap_from_entries(array(T)) map(K,V)", fn: multimapFromEntries, typ: func(a []*Type) *Type {
		m := entriesMap(a)
		if m == nil {
			return nil
		}
		return MapOf(m.Key(), ArrayOf(m.Value()))
	}},
	{sig: "map_keys(map(K,V)) array(K)", fn: func(p *duckPrinter, c *Call) string {
		if sql, s := p.stored(c.Args[0]); s != nil && s.Kind == StoredMap {
			return "t_map_keys(" + sql + ")"
		}
		return p.byTemplate(c, "map_keys($1)")
	}},
	{sig: "map_values(map(K,V)) array(V)", fn: func(p *duckPrinter, c *Call) string {
		if sql, s := p.stored(c.Args[0]); s != nil && s.Kind == StoredMap {
			return "t_map_values(" + sql + ")"
		}
		return p.byTemplate(c, "map_values($1)")
	}},
	{sig: "map_zip_with(map(K,A), map(K,B), function(K,A,B,R)) map(K,R)", fn: func(p *duckPrinter, c *Call) string {
		return p.bound([]string{p.expr(c.Args[0]), p.expr(c.Args[1])}, func(x []string) string {
			keys := p.ofList("list_sort(list_filter($1, lambda _x, _i : _i = list_position($1, _x)))", "list_concat(map_keys("+x[0]+"), map_keys("+x[1]+"))")
			pairs := p.ofList("list_transform($3, lambda _k : struct_pack(k := _k, a := map_extract_value($1, _k), b := map_extract_value($2, _k)))", x[0], x[1], keys)
			pairs = "(CASE WHEN cardinality(" + x[0] + ") + cardinality(" + x[1] + ") > " + longList + " THEN " + p.pairsByKey(x[0], x[1], []*Type{c.Args[0].Type().Value(), c.Args[1].Type().Value()}) +
				" WHEN " + x[0] + " IS NOT NULL AND " + x[1] + " IS NOT NULL THEN " + pairs + " END)"
			return p.bound([]string{pairs}, func(both []string) string {
				e := p.name()
				body := p.inline(c.Args[2].(*Lambda), "struct_extract("+e+", 'k')", "struct_extract("+e+", 'a')", "struct_extract("+e+", 'b')")
				k := p.ofList("list_transform($1, lambda _k : struct_extract(_k, 'k'))", both[0])
				return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN map(%s, list_transform(%s, lambda %s : %s)) END)", both[0], k, both[0], e, body)
			})
		})
	}},
	{sig: "transform_keys(map(K,V), function(K,V,R)) map(R,V)", fn: func(p *duckPrinter, c *Call) string {
		e := p.name()
		body := p.inline(c.Args[1].(*Lambda), "struct_extract("+e+", 'key')", "struct_extract("+e+", 'value')")
		return p.bound([]string{p.expr(c.Args[0])}, func(x []string) string {
			return p.sortedMap("map(list_transform(map_entries(" + x[0] + "), lambda " + e + " : " + body + "), map_values(" + x[0] + "))")
		})
	}},
	{sig: "transform_values(map(K,V), function(K,V,R)) map(K,R)", fn: func(p *duckPrinter, c *Call) string {
		e := p.name()
		body := p.inline(c.Args[1].(*Lambda), "struct_extract("+e+", 'key')", "struct_extract("+e+", 'value')")
		return p.bound([]string{p.expr(c.Args[0])}, func(x []string) string {
			return "map(map_keys(" + x[0] + "), list_transform(map_entries(" + x[0] + "), lambda " + e + " : " + body + "))"
		})
	}},
}

// sortedMap sorts the keys of a map. A list of structs sorts by the first member, and
// keys do not repeat.
func (p *duckPrinter) sortedMap(m string) string {
	return "map_from_entries(list_sort(map_entries(" + m + ")))"
}

// maxMaps is the most maps that stand inside of one another: DuckDB takes twice as long for each more.
const maxMaps = 12

func mapsIn(t *Type) int {
	deepest := 0
	for _, e := range t.Elems {
		deepest = max(deepest, mapsIn(e))
	}
	if t.Kind == KindMap {
		deepest++
	}
	return deepest
}

func mapCall(p *duckPrinter, c *Call) string {
	if mapsIn(c.Typ) > maxMaps {
		p.refuse(c.Pos, string(CodeTooLarge), "maps are nested deeper than %d", maxMaps)
		return "NULL"
	}
	return p.bound([]string{p.expr(c.Args[0]), p.expr(c.Args[1])}, func(x []string) string {
		d := duckType(c.Typ)
		return "(CASE WHEN " + x[1] + " IS NULL THEN NULL WHEN len(" + x[0] + ") <> len(" + x[1] + ") THEN " + failing(d, "INVALID_FUNCTION_ARGUMENT", "Key and value arrays must be the same length") +
			" WHEN list_count(" + x[0] + ") < len(" + x[0] + ") THEN " + failing(d, "INVALID_FUNCTION_ARGUMENT", "map key cannot be null") +
			" WHEN list_unique(" + x[0] + ") < len(" + x[0] + ") THEN " + failing(d, "INVALID_FUNCTION_ARGUMENT", "Duplicate map keys are not allowed") +
			" ELSE " + p.sortedMap("map("+x[0]+", "+x[1]+")") + " END)"
	})
}

// entriesMap is the type of a map of rows of two.
func entriesMap(a []*Type) *Type {
	if a[0].Kind != KindArray || a[0].Elem().Kind != KindRow || len(a[0].Elem().Elems) != 2 {
		return nil
	}
	return MapOf(a[0].Elem().Elems[0], a[0].Elem().Elems[1])
}

// wholeEntries prints the cases of CASE that refuse entries, and keys of them, that are NULL.
func wholeEntries(entries, keys, duckType string) string {
	return "WHEN list_count(" + entries + ") < len(" + entries + ") THEN " + failing(duckType, "INVALID_FUNCTION_ARGUMENT", "map entry cannot be null") +
		" WHEN list_count(" + keys + ") < len(" + keys + ") THEN " + failing(duckType, "INVALID_FUNCTION_ARGUMENT", "map key cannot be null")
}

func mapFromEntries(p *duckPrinter, c *Call) string {
	v := p.name()
	return p.bound([]string{p.expr(c.Args[0])}, func(x []string) string {
		keys := "list_transform(" + x[0] + ", lambda " + v + " : struct_extract(" + v + ", 'f0'))"
		d := duckType(c.Typ)
		return "(CASE " + wholeEntries(x[0], keys, d) + " WHEN list_unique(" + keys + ") < len(" + keys + ") THEN " +
			failing(d, "INVALID_FUNCTION_ARGUMENT", "Duplicate map keys are not allowed") +
			" ELSE " + p.sortedMap("map("+keys+", list_transform("+x[0]+", lambda "+v+" : struct_extract("+v+", 'f1')))") + " END)"
	})
}

func multimapFromEntries(p *duckPrinter, c *Call) string {
	return p.bound([]string{p.expr(c.Args[0])}, func(x []string) string {
		all := p.ofList("list_transform($1, lambda _v : struct_extract(_v, 'f0'))", x[0])
		entries := p.ofList("list_transform($1, lambda _v : struct_pack(k := struct_extract(_v, 'f0'), v := struct_extract(_v, 'f1')))", x[0])
		searched := p.ofList("map($1, list_transform($1, lambda _k : list_transform(list_filter($2, lambda _v : struct_extract(_v, 'f0') = _k), lambda _w : struct_extract(_w, 'f1'))))",
			p.ofList("list_sort(list_filter($1, lambda _x, _i : _i = list_position($1, _x)))", all), x[0])
		return "(CASE " + wholeEntries(x[0], all, duckType(c.Typ)) + " WHEN len(" + x[0] + ") > " + longList + " THEN " + p.byKey(entries, allOfKey) +
			" ELSE " + searched + " END)"
	})
}
