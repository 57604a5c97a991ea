package dialect

import (
	"fmt"
	"strings"
)

// maxSequence is Trino's bound of the length of what sequence and repeat make.
const maxSequence = "10000"

var arrayFunctions = []spec{
	{sig: "all_match(array(T), function(T,boolean)) boolean", fn: matcher("CASE WHEN $1 IS NULL THEN NULL WHEN list_contains($1, false) THEN false WHEN list_count($1) < len($1) THEN NULL ELSE true END")},
	{sig: "any_match(array(T), function(T,boolean)) boolean", fn: matcher("CASE WHEN $1 IS NULL THEN NULL WHEN list_contains($1, true) THEN true WHEN list_count($1) < len($1) THEN NULL ELSE false END")},
	{sig: "none_match(array(T), function(T,boolean)) boolean", fn: matcher("CASE WHEN $1 IS NULL THEN NULL WHEN list_contains($1, true) THEN false WHEN list_count($1) < len($1) THEN NULL ELSE true END")},
	{sig: "array_distinct(array(C)) array(C)", fn: func(p *duckPrinter, c *Call) string { return p.distinctOf(p.expr(c.Args[0])) }},
	{sig: "array_except(array(C), array(C)) array(C)", fn: arrayExcept},
	{sig: "array_intersect(array(C), array(C)) array(C)", fn: arrayIntersect},
	{sig: "array_histogram(array(C)) map(C,bigint)", duck: "CASE WHEN list_count($1) = 0 THEN CAST(map() AS {R}) ELSE CAST(list_histogram(list_filter($1, lambda _x : _x IS NOT NULL)) AS {R}) END"},
	{sig: "array_union(array(C), array(C)) array(C)", fn: func(p *duckPrinter, c *Call) string {
		a, b := p.expr(c.Args[0]), p.expr(c.Args[1])
		both := p.template("CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN list_concat($1, $2) END", []string{a, b}, []*Type{c.Typ, c.Typ}, c.Typ)
		return p.distinctOf(both)
	}},
	{sig: "array_first(array(T)) T", duck: "$1[1]"},
	{sig: "array_last(array(T)) T", duck: "$1[-1]"},
	{sig: "array_join(array(T), varchar) varchar", fn: arrayJoin},
	{sig: "array_join(array(T), varchar, varchar) varchar", fn: arrayJoin},
	{sig: "array_max(array(O)) O", fn: arrayMax},
	{sig: "array_min(array(O)) O", duck: "CASE WHEN list_count($1) = len($1) THEN list_min($1) END"},
	{sig: "array_position(array(C), C) bigint", duck: "CASE WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN CAST(coalesce(list_position($1, $2), 0) AS BIGINT) END"},
	{sig: "array_position(array(C), C, bigint) bigint", duck: "CASE WHEN $3 = 0 THEN {!INVALID_FUNCTION_ARGUMENT|array_position cannot take a 0-valued instance argument.!}" +
		" WHEN $1 IS NOT NULL AND $2 IS NOT NULL THEN coalesce(list_filter(list_transform($1, lambda _x, _i : CASE WHEN _x = $2 THEN CAST(_i AS BIGINT) END), lambda _y : _y IS NOT NULL)[$3], 0) END"},
	{sig: "array_remove(array(C), C) array(C)", duck: "CASE WHEN $2 IS NOT NULL THEN list_filter($1, lambda _x : _x IS DISTINCT FROM $2) END"},
	{sig: "array_sort(array(O)) array(O)", duck: "list_sort($1, 'ASC', 'NULLS LAST')"},
	{sig: "array_sort(array(T), function(T,T,bigint)) array(T)", fn: arraySort},
	{sig: "arrays_overlap(array(C), array(C)) boolean", duck: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN list_has_any(list_filter($1, lambda _x : _x IS NOT NULL), $2) THEN true" +
		" WHEN len($1) > 0 AND len($2) > 0 AND (list_count($1) < len($1) OR list_count($2) < len($2)) THEN NULL ELSE false END"},
	{sig: "cardinality(array(T)) bigint", duck: "len($1)"},
	{sig: "combinations(array(T), bigint) array(array(T))", duck: "list_transform(t_combinations(len($1), $2), lambda _x : list_transform(list_filter(string_split(_x, ','), lambda _y : _y <> ''), lambda _z : $1[CAST(_z AS BIGINT)]))"},
	{sig: "contains(array(C), C) boolean", duck: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN list_contains($1, $2) THEN true WHEN list_count($1) < len($1) THEN NULL ELSE false END"},
	// list_slice copies the whole list, which takes less time for short ones.
	{sig: "contains_sequence(array(C), array(C)) boolean", duck: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN len($2) = 0 THEN true ELSE len(list_filter(range(1, len($1) - len($2) + 2), lambda _i : CASE WHEN len($1) <= 100 THEN list_slice($1, _i, _i + len($2) - 1) = $2 WHEN $1[_i] IS NOT DISTINCT FROM $2[1] THEN list_select($1, range(_i, _i + len($2))) = $2 ELSE false END)) > 0 END"},
	{sig: "element_at(array(T), bigint) T", fn: elementAt},
	{sig: "filter(array(T), function(T,boolean)) array(T)", duck: "list_filter($1, $2)"},
	{sig: "flatten(array(array(T))) array(T)", duck: "flatten(list_filter($1, lambda _x : _x IS NOT NULL))"},
	{sig: "ngrams(array(T), bigint) array(array(T))", duck: "CASE WHEN $1 IS NULL THEN NULL WHEN $2 <= 0 THEN {!INVALID_FUNCTION_ARGUMENT|N must be positive!} WHEN len($1) <= $2 THEN [$1] ELSE list_transform(range(1, len($1) - $2 + 2), lambda _i : list_select($1, range(_i, _i + $2))) END"},
	{sig: "reduce(array(T), S, function(S,T,S), function(S,R)) R", fn: reduceCall},
	{sig: "repeat(T, bigint) array(T)", duck: "CASE WHEN $2 > " + maxSequence + " THEN {!INVALID_FUNCTION_ARGUMENT|count argument of repeat function must be less than or equal to 10000!} WHEN $2 < 0 THEN {!INVALID_FUNCTION_ARGUMENT|count argument of repeat function must be greater than or equal to 0!} ELSE list_transform(range($2), lambda _x : $1) END"},
	{sig: "sequence(bigint, bigint) array(bigint)", duck: "CASE WHEN abs($2 - $1) >= " + maxSequence + " THEN {!INVALID_FUNCTION_ARGUMENT|result of sequence function must not have more than 10000 entries!} ELSE generate_series($1, $2, CASE WHEN $1 <= $2 THEN 1 ELSE -1 END) END"},
	{sig: "sequence(bigint, bigint, bigint) array(bigint)", duck: "CASE WHEN $3 = 0 THEN {!INVALID_FUNCTION_ARGUMENT|step must not be zero!} WHEN ($2 - $1) // $3 < 0 OR $2 <> $1 AND ($2 > $1) <> ($3 > 0) THEN {!INVALID_FUNCTION_ARGUMENT|sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start!}" +
		" WHEN ($2 - $1) // $3 >= " + maxSequence + " THEN {!INVALID_FUNCTION_ARGUMENT|result of sequence function must not have more than 10000 entries!} ELSE generate_series($1, $2, $3) END"},
	{sig: "sequence(date, date) array(date)", duck: "CASE WHEN abs($2 - $1) >= " + maxSequence + " THEN {!INVALID_FUNCTION_ARGUMENT|result of sequence function must not have more than 10000 entries!} ELSE list_transform(generate_series(0, $2 - $1, CASE WHEN $1 <= $2 THEN 1 ELSE -1 END), lambda _i : CAST($1 + CAST(_i AS INTEGER) AS DATE)) END"},
	{sig: "sequence(date, date, interval day to second) array(date)", duck: "CASE WHEN epoch_ms($3) % 86400000 <> 0 THEN {!INVALID_FUNCTION_ARGUMENT|sequence step must be a day interval if start and end values are dates!} ELSE " +
		sequenceOf("list_transform(generate_series(CAST($1 AS TIMESTAMP), CAST($2 AS TIMESTAMP), $3), lambda _x : CAST(_x AS DATE))") + " END"},
	{sig: "sequence(date, date, interval year to month) array(date)", duck: sequenceOf(byMonths("CAST($1 + to_months(CAST(_i AS INTEGER)) AS DATE)"))},
	{sig: "sequence(timestamp(p), timestamp(p), interval day to second) array(timestamp(p))", duck: sequenceOf("generate_series($1, $2, $3)")},
	{sig: "sequence(timestamp(p), timestamp(p), interval year to month) array(timestamp(p))", duck: sequenceOf(byMonths("$1 + to_months(CAST(_i AS INTEGER))"))},
	{sig: "shuffle(array(T)) array(T)", varies: true, duck: "list_transform(list_sort(list_transform($1, lambda _x : struct_pack(r := random(), v := _x))), lambda _y : struct_extract(_y, 'v'))"},
	{sig: "slice(array(T), bigint, bigint) array(T)", duck: "CASE WHEN $1 IS NULL THEN NULL WHEN $2 = 0 THEN {!INVALID_FUNCTION_ARGUMENT|SQL array indices start at 1!} WHEN $3 < 0 THEN {!INVALID_FUNCTION_ARGUMENT|length must be greater than or equal to 0!}" +
		" WHEN $2 > 0 THEN list_slice($1, $2, $2 + $3 - 1) WHEN - $2 > len($1) THEN list_slice($1, 1, 0) ELSE list_slice($1, len($1) + $2 + 1, len($1) + $2 + $3) END"},
	{sig: "transform(array(T), function(T,R)) array(R)", fn: transformCall},
	{sig: "trim_array(array(T), bigint) array(T)", duck: "CASE WHEN $1 IS NULL THEN NULL WHEN $2 < 0 THEN {!INVALID_FUNCTION_ARGUMENT|size must not be negative!} WHEN $2 > len($1) THEN {!INVALID_FUNCTION_ARGUMENT|size must not exceed array cardinality!} ELSE list_slice($1, 1, len($1) - $2) END"},
	{sig: "zip(array(A), array(B)) array(T)", fn: zipCall, typ: zipType},
	{sig: "zip(array(A), array(B), array(D)) array(T)", fn: zipCall, typ: zipType},
	{sig: "zip(array(A), array(B), array(D), array(E)) array(T)", fn: zipCall, typ: zipType},
	{sig: "zip(array(A), array(B), array(D), array(E), array(F)) array(T)", fn: zipCall, typ: zipType},
	{sig: "zip_with(array(A), array(B), function(A,B,R)) array(R)", fn: zipWith},
}

// byMonths is a series of times whose months are counted from the first: what is added month
// by month stays on the 28th once it was there (SequenceFunction).
func byMonths(entry string) string {
	months := intervalMonths("$3")
	return "list_transform(generate_series(0, date_sub('month', $1, $2) // " + months + " * " + months + ", " + months + "), lambda _i : " + entry + ")"
}

// sequenceOf guards a series of times. A series of months has at most as many entries
// as one of days.
func sequenceOf(series string) string {
	return "CASE WHEN epoch($3) = 0 THEN {!INVALID_FUNCTION_ARGUMENT|step must not be zero!}" +
		" WHEN (epoch($2) - epoch($1)) / epoch($3) < 0 THEN {!INVALID_FUNCTION_ARGUMENT|sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start!}" +
		" WHEN (epoch($2) - epoch($1)) / epoch($3) >= " + maxSequence + " THEN {!INVALID_FUNCTION_ARGUMENT|result of sequence function must not have more than 10000 entries!} ELSE " + series + " END"
}

// storedArray prints an array argument and, where its elements are stored rows, lets
// the lambda read their members where they lie.
func (p *duckPrinter) storedArray(array Expr, l *Lambda) string {
	sql, s := p.stored(array)
	if s == nil || s.Kind != StoredList {
		return p.expr(array)
	}
	p.paramStored[l.Params[0].ID] = s.element()
	return sql
}

// matcher tests the list of what a lambda says of the elements.
func matcher(t string) func(p *duckPrinter, c *Call) string {
	return func(p *duckPrinter, c *Call) string {
		l := c.Args[1].(*Lambda)
		list := "list_transform(" + p.storedArray(c.Args[0], l) + ", " + p.lambda(l) + ")"
		return p.template(t, []string{list}, []*Type{ArrayOf(Boolean)}, Boolean)
	}
}

func transformCall(p *duckPrinter, c *Call) string {
	l := c.Args[1].(*Lambda)
	array := p.storedArray(c.Args[0], l)
	return "list_transform(" + array + ", " + p.lambda(l) + ")"
}

// arrayMax passes over NaN, which is the largest number for DuckDB, where there is another number.
func arrayMax(p *duckPrinter, c *Call) string {
	largest := "list_max($1)"
	if c.Typ.Kind == KindDouble || c.Typ.Kind == KindReal {
		largest = "coalesce(list_max(list_filter($1, lambda _x : NOT isnan(_x))), $1[1])"
	}
	return p.byTemplate(c, "CASE WHEN list_count($1) = len($1) THEN "+largest+" END")
}

func arrayJoin(p *duckPrinter, c *Call) string {
	if elem := c.Args[0].Type().Elem(); elem.Kind != KindUnknown && !CanCast(elem, Varchar) {
		p.refuse(c.Pos, "OPERATOR_NOT_FOUND", "Cannot cast %s to varchar", elem)
	}
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = p.expr(a)
	}
	return p.bound(args, func(x []string) string {
		list, v := x[0], p.name()
		elem := p.cast(v, c.Args[0].Type().Elem(), Varchar, castMode{})
		if len(x) == 3 {
			elem = "coalesce(" + elem + ", " + x[2] + ")"
		}
		if elem != v {
			list = "list_transform(" + list + ", lambda " + v + " : " + elem + ")"
		}
		known := x[0] + " IS NOT NULL"
		for i, s := range x[1:] {
			if l, ok := c.Args[i+1].(*Literal); !ok || l.Value == nil {
				known += " AND " + s + " IS NOT NULL"
			}
		}
		return "(CASE WHEN " + known + " THEN " + joined(list, x[1], c.Args[1]) + " END)"
	})
}

// arraySort prints the comparators that sort by the elements themselves.
func arraySort(p *duckPrinter, c *Call) string {
	order := comparator(c.Args[1].(*Lambda))
	if order == "" {
		p.refuse(c.Pos, "NOT_SUPPORTED", "array_sort takes only comparators that sort ascending or descending, such as (x, y) -> IF(x < y, 1, IF(x = y, 0, -1))")
	}
	return "list_sort(" + p.expr(c.Args[0]) + ", '" + order + "', 'NULLS LAST')"
}

// comparator reads IF(x < y, 1, IF(x = y, 0, -1)) and its like; "" for any other.
func comparator(l *Lambda) string {
	// sign returns what the body gives for x below (-1), equal to (0), above (1) y.
	var sign func(e Expr, rel int) (int64, bool)
	sign = func(e Expr, rel int) (int64, bool) {
		switch e := e.(type) {
		case *Cast:
			return sign(e.X, rel)
		case *Negate:
			v, ok := sign(e.X, rel)
			return -v, ok
		case *Literal:
			v, ok := e.Value.(int64)
			return v, ok
		case *Case:
			if e.Operand != nil {
				return 0, false
			}
			for _, w := range e.Whens {
				c, ok := w.When.(*Compare)
				if !ok {
					return 0, false
				}
				a, okA := c.L.(*ParamRef)
				b, okB := c.R.(*ParamRef)
				if !okA || !okB || a.ID == b.ID {
					return 0, false
				}
				r := rel
				if a.ID == l.Params[1].ID {
					r = -rel
				}
				if [...]bool{EQ: r == 0, NE: r != 0, LT: r < 0, LE: r <= 0, GT: r > 0, GE: r >= 0}[c.Op] {
					return sign(w.Then, rel)
				}
			}
			if e.Else == nil {
				return 0, false
			}
			return sign(e.Else, rel)
		}
		return 0, false
	}
	below, ok1 := sign(l.Body, -1)
	equal, ok2 := sign(l.Body, 0)
	above, ok3 := sign(l.Body, 1)
	switch {
	case !ok1 || !ok2 || !ok3 || equal != 0:
		return ""
	case below < 0 && above > 0:
		return "ASC"
	case below > 0 && above < 0:
		return "DESC"
	}
	return ""
}

const noIndex = "SQL array indices start at 1"

func elementAt(p *duckPrinter, c *Call) string {
	if sql, s := p.stored(c); s != nil {
		return p.logical(sql, s, c.Typ)
	}
	if l, ok := c.Args[1].(*Literal); ok && l.Value != nil && l.Value.(int64) != 0 {
		return p.byTemplate(c, "$1[$2]")
	}
	return p.byTemplate(c, "CASE WHEN $2 = 0 AND $1 IS NOT NULL THEN {!INVALID_FUNCTION_ARGUMENT|"+noIndex+"!} ELSE $1[$2] END")
}

// reduceCall keeps the state in a struct beside the element: DuckDB's list_reduce wants
// one type for both.
func reduceCall(p *duckPrinter, c *Call) string {
	step, out := c.Args[2].(*Lambda), c.Args[3].(*Lambda)
	state, elem := duckType(step.Body.Type()), duckType(c.Args[0].Type().Elem())
	init := p.typed(c.Args[1], step.Body.Type())
	acc, x, e := p.name(), p.name(), p.name()
	list := fmt.Sprintf("list_transform(%s, lambda %s : struct_pack(s := CAST(NULL AS %s), e := %s))", p.expr(c.Args[0]), e, state, e)
	body := p.inline(step, "struct_extract("+acc+", 's')", "struct_extract("+x+", 'e')")
	red := fmt.Sprintf("list_reduce(%s, lambda %s, %s : struct_pack(s := CAST(%s AS %s), e := CAST(NULL AS %s)), struct_pack(s := CAST(%s AS %s), e := CAST(NULL AS %s)))",
		list, acc, x, body, state, elem, init, state, elem)
	// The struct is NULL where the array is, and a state of NULL is none of that.
	return p.bound([]string{red}, func(v []string) string {
		return "(CASE WHEN " + v[0] + " IS NOT NULL THEN " + p.inline(out, "struct_extract("+v[0]+", 's')") + " END)"
	})
}

func zipType(args []*Type) *Type {
	elems := make([]*Type, len(args))
	for i, a := range args {
		if a.Kind != KindArray {
			return nil
		}
		elems[i] = a.Elem()
	}
	return ArrayOf(RowOf(elems, nil))
}

func zipCall(p *duckPrinter, c *Call) string {
	args := make([]string, len(c.Args))
	for i, a := range c.Args {
		args[i] = p.expr(a)
	}
	return p.bound(args, func(x []string) string {
		i := p.name()
		parts, lens := make([]string, len(x)), make([]string, len(x))
		for k, v := range x {
			parts[k] = fmt.Sprintf("f%d := %s[%s]", k, v, i)
			lens[k] = "len(" + v + ")"
		}
		return "(CASE WHEN " + strings.Join(x, " IS NOT NULL AND ") + " IS NOT NULL THEN list_transform(range(1, 1 + greatest(" + strings.Join(lens, ", ") + ")), lambda " + i + " : struct_pack(" + strings.Join(parts, ", ") + ")) END)"
	})
}

func zipWith(p *duckPrinter, c *Call) string {
	l := c.Args[2].(*Lambda)
	return p.bound([]string{p.expr(c.Args[0]), p.expr(c.Args[1])}, func(x []string) string {
		i := p.name()
		body := p.inline(l, x[0]+"["+i+"]", x[1]+"["+i+"]")
		return fmt.Sprintf("(CASE WHEN %s IS NOT NULL AND %s IS NOT NULL THEN list_transform(range(1, 1 + greatest(len(%s), len(%s))), lambda %s : %s) END)", x[0], x[1], x[0], x[1], i, body)
	})
}

// subscript prints a[i], m[k] and r[n].
func (p *duckPrinter) subscript(e *Subscript) string {
	t := e.X.Type()
	if t.Kind == KindRow {
		return fmt.Sprintf("struct_extract(%s, 'f%d')", p.expr(e.X), e.Index.(*Literal).Value.(int64)-1)
	}
	if t.Kind == KindArray {
		return p.bound([]string{p.expr(e.X), p.expr(e.Index)}, func(x []string) string {
			d := duckType(t.Elem())
			i := "CAST(" + x[1] + " AS VARCHAR)"
			return "(CASE WHEN " + x[1] + " BETWEEN 1 AND len(" + x[0] + ") THEN " + x[0] + "[" + x[1] + "]" +
				" WHEN " + x[0] + " IS NULL THEN NULL WHEN " + x[1] + " = 0 THEN " + failing(d, "INVALID_FUNCTION_ARGUMENT", noIndex) +
				" WHEN " + x[1] + " < 0 THEN " + failingWith(d, "'Array subscript is negative: ' || "+i) +
				" WHEN " + x[1] + " > len(" + x[0] + ") THEN " + failingWith(d, "'Array subscript must be less than or equal to array length: ' || "+i+" || ' > ' || CAST(len("+x[0]+") AS VARCHAR)") + " END)"
		})
	}
	missing := func(k string) string {
		text := k
		if t.Key().Kind != KindVarchar {
			text = p.plainText(k, t.Key())
		}
		return failingWith(duckType(t.Value()), "'Key not present in map: ' || "+text)
	}
	if sql, s := p.stored(e.X); s != nil && s.Kind == StoredMap {
		return p.bound([]string{sql, p.expr(e.Index)}, func(x []string) string {
			return "(CASE WHEN t_map_has(" + x[0] + ", " + x[1] + ") THEN t_map_get(" + x[0] + ", " + x[1] + ")" +
				" WHEN starts_with(" + x[0] + ", '{') AND " + x[1] + " IS NOT NULL THEN " + missing(x[1]) + " END)"
		})
	}
	return p.bound([]string{p.expr(e.X), p.expr(e.Index)}, func(x []string) string {
		return "(CASE WHEN map_contains(" + x[0] + ", " + x[1] + ") THEN map_extract_value(" + x[0] + ", " + x[1] + ")" +
			" WHEN " + x[0] + " IS NOT NULL AND " + x[1] + " IS NOT NULL THEN " + missing(x[1]) + " END)"
	})
}

// failingWith is failing over an argument, with a message that is computed.
func failingWith(duckType, message string) string {
	return failingText(duckType, "'!!INVALID_FUNCTION_ARGUMENT|' || "+message+" || '!!'")
}
