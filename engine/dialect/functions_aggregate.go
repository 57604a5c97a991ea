package dialect

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// aggregateFunctions are printed by templates, in which # stands for the arguments
// with DISTINCT, ORDER BY, FILTER and OVER, and #{…} for others made of them; {R} is the DuckDB
// type of the result, {S} its scale:
//
//	CAST(sum# AS {R})
//	exp(avg#{ln($1)})
var aggregateFunctions = []spec{
	{sig: "any_value(T) T", byOrder: true, duck: "any_value#"},
	// DuckDB's sketch is wrong by up to 15 %, where Trino's has a standard error of 2.3 %.
	{sig: "approx_distinct(T) bigint", duck: "@distinct"},
	{sig: "approx_distinct(T, double) bigint", duck: "@distinct"},
	// Trino's sketches are exact for up to some hundred values, and for whole numbers; DuckDB's makes up
	// values between those of a few.
	{sig: "approx_percentile(bigint, double) bigint", duck: "quantile_disc#"},
	{sig: "approx_percentile(double, double) double", duck: "quantile_disc#"},
	{sig: "approx_percentile(real, double) real", duck: "quantile_disc#"},
	{sig: "approx_percentile(real, array(double)) array(real)", duck: "quantile_disc#"},
	{sig: "approx_percentile(double, double, double) double", duck: weighted},
	{sig: "approx_percentile(double, double, array(double)) array(double)", duck: weighted},
	{sig: "approx_percentile(bigint, array(double)) array(bigint)", duck: "quantile_disc#"},
	{sig: "approx_percentile(double, array(double)) array(double)", duck: "quantile_disc#"},
	{sig: "array_agg(T) array(T)", byOrder: true, duck: "array_agg#"},
	{sig: "avg(bigint) double", duck: "avg#"},
	{sig: "avg(double) double", byOrder: true, duck: "avg#"},
	{sig: "avg(real) real", byOrder: true, duck: "CAST(avg# AS FLOAT)"},
	{sig: "avg(decimal(p)) decimal(p)", duck: "CAST(t_decimal_div(CAST(sum# AS VARCHAR), CAST(count# AS VARCHAR), {S}) AS {R})", typ: sameType},
	{sig: "avg(interval day to second) interval day to second", byOrder: true, duck: "to_milliseconds(CAST(floor(avg#{" + intervalMillis("$1") + "} + 0.5) AS BIGINT))"},
	{sig: "avg(interval year to month) interval year to month", duck: "to_months(CAST(floor(avg#{" + intervalMonths("$1") + "} + 0.5) AS INTEGER))"},
	{sig: "bitwise_and_agg(bigint) bigint", duck: "bit_and#"},
	{sig: "bitwise_or_agg(bigint) bigint", duck: "bit_or#"},
	{sig: "bitwise_xor_agg(bigint) bigint", duck: "bit_xor#"},
	{sig: "bool_and(boolean) boolean", duck: "bool_and#"},
	{sig: "bool_or(boolean) boolean", duck: "bool_or#"},
	{sig: "corr(double, double) double", byOrder: true, duck: finite("corr#")},
	{sig: "corr(real, real) real", byOrder: true, duck: finite("corr#")},
	{sig: "count() bigint", duck: "count#"},
	{sig: "count(T) bigint", duck: "count#"},
	{sig: "count_if(boolean) bigint", duck: "coalesce(CAST(count_if# AS BIGINT), 0)"},
	{sig: "covar_pop(double, double) double", byOrder: true, duck: "covar_pop#"},
	{sig: "covar_pop(real, real) real", byOrder: true, duck: "CAST(covar_pop# AS {R})"},
	{sig: "covar_samp(double, double) double", byOrder: true, duck: "covar_samp#"},
	{sig: "covar_samp(real, real) real", byOrder: true, duck: "CAST(covar_samp# AS {R})"},
	{sig: "geometric_mean(bigint) double", byOrder: true, duck: geometricMean},
	{sig: "geometric_mean(double) double", byOrder: true, duck: geometricMean},
	{sig: "geometric_mean(real) real", byOrder: true, duck: "CAST(" + geometricMean + " AS {R})"},
	{sig: "histogram(C) map(C,bigint)", duck: "CAST(histogram# AS {R})"},
	{sig: "kurtosis(double) double", byOrder: true, duck: "@moments"},
	{sig: "listagg(varchar) varchar", byOrder: true, duck: "@listagg"},
	{sig: "listagg(varchar, varchar) varchar", byOrder: true, duck: "@listagg"},
	{sig: "map_agg(K, V) map(K,V)", byOrder: true, duck: "@first"},
	{sig: "map_union(map(K,V)) map(K,V)", byOrder: true, duck: "@union"},
	{sig: "multimap_agg(K, V) map(K,array(V))", byOrder: true, duck: "@multi"},
	{sig: "max(O) O", duck: "max#"},
	{sig: "max(O, bigint) array(O)", duck: "max#"},
	{sig: "min(O) O", duck: "min#"},
	{sig: "min(O, bigint) array(O)", duck: "min#"},
	{sig: "max_by(T, O) T", byOrder: true, duck: "arg_max_null#"},
	{sig: "max_by(T, O, bigint) array(T)", byOrder: true, duck: "list_transform(arg_max#{struct_pack(v := $1), $2, $3}, lambda e : struct_extract(e, 'v'))"},
	{sig: "min_by(T, O) T", byOrder: true, duck: "arg_min_null#"},
	{sig: "min_by(T, O, bigint) array(T)", byOrder: true, duck: "list_transform(arg_min#{struct_pack(v := $1), $2, $3}, lambda e : struct_extract(e, 'v'))"},
	{sig: "regr_avgx(double, double) double", byOrder: true, duck: "regr_avgx#"},
	{sig: "regr_avgy(double, double) double", byOrder: true, duck: "regr_avgy#"},
	{sig: "regr_count(double, double) double", duck: "CAST(regr_count# AS DOUBLE)"},
	{sig: "regr_intercept(double, double) double", byOrder: true, duck: finite("regr_intercept#")},
	{sig: "regr_intercept(real, real) real", byOrder: true, duck: finite("regr_intercept#")},
	{sig: "regr_r2(double, double) double", byOrder: true, duck: "regr_r2#"},
	{sig: "regr_slope(double, double) double", byOrder: true, duck: finite("regr_slope#")},
	{sig: "regr_slope(real, real) real", byOrder: true, duck: finite("regr_slope#")},
	{sig: "regr_sxx(double, double) double", byOrder: true, duck: "regr_sxx#"},
	{sig: "regr_sxy(double, double) double", byOrder: true, duck: "regr_sxy#"},
	{sig: "regr_syy(double, double) double", byOrder: true, duck: "regr_syy#"},
	{sig: "set_agg(C) array(C)", byOrder: true, duck: "@set"},
	{sig: "set_union(array(C)) array(C)", byOrder: true, duck: "@setunion"},
	{sig: "skewness(double) double", byOrder: true, duck: "@moments"},
	{sig: "stddev_samp(double) double", byOrder: true, duck: "stddev_samp#"},
	{sig: "stddev_pop(double) double", byOrder: true, duck: "stddev_pop#"},
	{sig: "sum(bigint) bigint", duck: "CAST(sum# AS BIGINT)"},
	{sig: "sum(double) double", byOrder: true, duck: "sum#"},
	{sig: "sum(real) real", byOrder: true, duck: "CAST(sum# AS FLOAT)"},
	{sig: "sum(decimal(p)) decimal(p)", duck: "CAST(sum# AS {R})", typ: func(a []*Type) *Type { return Decimal(38, a[0].Scale) }},
	{sig: "sum(interval day to second) interval day to second", duck: "to_milliseconds(CAST(sum#{" + intervalMillis("$1") + "} AS BIGINT))"},
	{sig: "sum(interval year to month) interval year to month", duck: "to_months(CAST(sum#{" + intervalMonths("$1") + "} AS INTEGER))"},
	{sig: "var_samp(double) double", byOrder: true, duck: "var_samp#"},
	{sig: "var_pop(double) double", byOrder: true, duck: "var_pop#"},
}

// weighted marks overloads with weights.
const weighted = "@weighted"

// geometricMean is as Java's logarithm has it: that of zero is endless, that of less no
// number.
var geometricMean = "exp(avg#{" + logarithm("ln($1)") + "})"

// maxOfFloats is no number only where no argument is one: for max, NaN is less than all numbers.
const maxOfFloats = "coalesce(max#{CASE WHEN NOT isnan($1) THEN $1 END}, max#)"

// finite is NULL where a result is endless or no number.
func finite(f string) string { return "CAST(CASE WHEN isfinite(" + f + ") THEN " + f + " END AS {R})" }

func sameType(a []*Type) *Type { return a[0] }

var windowFunctions = []spec{
	{sig: "row_number() bigint", duck: "row_number#"},
	{sig: "rank() bigint", duck: "rank#"},
	{sig: "dense_rank() bigint", duck: "dense_rank#"},
	{sig: "percent_rank() double", duck: "percent_rank#"},
	{sig: "cume_dist() double", duck: "cume_dist#"},
	{sig: "ntile(bigint) bigint", duck: "ntile#"},
	{sig: "first_value(T) T", duck: "first_value#"},
	{sig: "last_value(T) T", duck: "last_value#"},
	{sig: "nth_value(T, bigint) T", duck: "nth_value#"},
	{sig: "lag(T) T", duck: "lag#"},
	{sig: "lag(T, bigint) T", duck: "lag#"},
	{sig: "lag(T, bigint, T) T", duck: "lag#"},
	{sig: "lead(T) T", duck: "lead#"},
	{sig: "lead(T, bigint) T", duck: "lead#"},
	{sig: "lead(T, bigint, T) T", duck: "lead#"},
}

// countedWhere returns count(DISTINCT CASE WHEN condition THEN column END) as a count with a
// FILTER: DuckDB enters every row of a group into the table of its distinct values, those
// without a value too, unless a FILTER leaves them out. A denial in a hundred calls is the usual
// case.
//
// What is counted is then computed for all rows, so it must be a column. And where a CASE asks the
// second part of an AND or OR for those rows only that the first part leaves open, a FILTER asks
// it for all: no part may be one that can fail.
func (p *duckPrinter) countedWhere(a *Agg) *Agg {
	if a.Fn.Name != "count" || !a.Distinct || len(a.Args) != 1 || len(a.OrderBy) > 0 {
		return a
	}
	c, ok := a.Args[0].(*Case)
	if !ok || c.Operand != nil || c.Else != nil || len(c.Whens) != 1 {
		return a
	}
	when, then := c.Whens[0].When, c.Whens[0].Then
	if !p.isColumn(uncast(then)) || hasLogic(when) && !p.cannotFail(when) {
		return a
	}
	filtered := *a
	filtered.Args, filtered.Filter = []Expr{then}, when
	if a.Filter != nil {
		filtered.Filter = &Logic{Args: []Expr{a.Filter, when}}
	}
	return &filtered
}

// isColumn says whether an expression is a column of a store, or a member of one, that takes
// nothing to compute.
func (p *duckPrinter) isColumn(e Expr) bool {
	if c, ok := e.(*ColRef); ok {
		rel := p.rels[c.Rel]
		return rel.scan != nil && (rel.cols[c.Index].stored == nil || rel.cols[c.Index].stored.plain())
	}
	_, s := p.stored(e)
	return s != nil && s.plain()
}

func hasLogic(e Expr) (has bool) {
	walkExpr(e, func(e Expr) {
		if _, ok := e.(*Logic); ok {
			has = true
		}
	})
	return has
}

// cannotFail says whether a condition does nothing but compare columns and constants.
func (p *duckPrinter) cannotFail(e Expr) bool {
	e = uncast(e)
	switch e := e.(type) {
	case *Literal:
		return true
	case *ColRef, *Deref:
		return p.isColumn(e)
	case *Like:
		if e.Escape != nil {
			return false
		}
	case *Compare:
		if hasParts(e.L.Type()) {
			return false // see meetsNull
		}
	case *Between:
		if hasParts(e.X.Type()) {
			return false
		}
	case *IsDistinct, *In, *IsNull, *Logic, *Not:
	default:
		return false
	}
	ok := true
	eachChild(e, func(x *Expr) { ok = ok && p.cannotFail(*x) })
	return ok
}

// aggregate prints an aggregate call; over is the text of an OVER clause, or empty.
func (p *duckPrinter) aggregate(a *Agg, over string) string {
	a = p.countedWhere(a)
	args := make([]string, len(a.Args))
	for i, e := range a.Args {
		args[i] = p.expr(e)
	}
	p.checkArgs(a, args)
	filter := ""
	if a.Filter != nil {
		filter = " FILTER (WHERE " + p.condition(a.Filter) + ")"
	}
	if a.Fn.Name == "max_by" && mayBeNaN(a.Args[1]) {
		// As for max, NaN is less than all numbers.
		args[1] = p.twice(args[1:2], func(x []string) string {
			return "CASE WHEN isnan(" + x[0] + ") THEN '-infinity' ELSE " + x[0] + " END"
		})
	}
	distinct, total := a.Distinct, a.Total
	if total && len(args) == 2 && len(a.OrderBy) == 0 && !distinct && (a.Fn.Name == "max_by" || a.Fn.Name == "min_by") {
		// One pair is kept, where an order has all of them.
		args[1], total = p.twice(args[1:2], func(x []string) string {
			return "CASE WHEN " + x[0] + " IS NOT NULL THEN struct_pack(k := " + x[0] + ", v := " + args[0] + ") END"
		}), false
	}
	constant := func(arg string) bool {
		i := slices.Index(args, arg)
		return i >= 0 && isConstant(a.Args[i])
	}
	// call prints one aggregate of DuckDB over other arguments, under the same
	// conditions and order.
	call := func(args []string) string {
		s := "("
		if distinct {
			s += "DISTINCT "
		}
		s += strings.Join(args, ", ")
		if len(args) == 0 && a.Fn.Kind == Aggregate {
			s += "*"
		}
		keys := make([]string, len(a.OrderBy))
		for i, o := range a.OrderBy {
			keys[i] = p.sortKey(o, p.expr)
		}
		if total {
			keys = append(keys, slices.DeleteFunc(slices.Clone(args), constant)...)
		}
		if len(keys) > 0 {
			s += " ORDER BY " + strings.Join(keys, ", ")
		}
		if a.IgnoreNulls {
			s += " IGNORE NULLS"
		}
		return s + ")" + filter + over
	}
	d := duckType(a.Typ)
	if n := len(a.Args); n > 1 && isNull(a.Args[n-1]) {
		switch a.Fn.Name {
		case "approx_percentile", "max", "min", "max_by", "min_by":
			return "any_value" + call([]string{"CAST(NULL AS " + d + ")"})
		}
	}
	// present leaves out what is NULL.
	present := func() {
		if filter == "" {
			filter = " FILTER (WHERE " + args[0] + " IS NOT NULL)"
		} else {
			filter = strings.TrimSuffix(filter, ")") + " AND " + args[0] + " IS NOT NULL)"
		}
	}
	entries := func() string {
		present()
		return "list" + call([]string{"struct_pack(k := " + args[0] + ", v := " + args[1] + ")"})
	}
	switch a.Fn.duck {
	case weighted:
		p.refuse(a.Pos, "NOT_SUPPORTED", "%s with weights is not supported: the engine has no sketch of weighted values", a.Fn.Name)
		return "NULL"
	case "@distinct":
		distinct = true
		return "count" + call(args[:1])
	case "@moments":
		return p.moments(a.Fn.Name, "list"+call(args))
	case "@first":
		return p.byKey(entries(), firstOfKey)
	case "@multi":
		return p.byKey(entries(), allOfKey)
	case "@union":
		present()
		// Maps without entries are as good as none.
		list := "nullif(flatten(list_transform(list" + call(args) + ", lambda m : list_transform(map_entries(m), lambda n : struct_pack(k := n.key, v := n.value)))), [])"
		return p.byKey(list, firstOfKey)
	case "@listagg":
		present()
		return "t_listagg(list" + call(args[:1]) + ", " + strings.Join(args[1:], ", ") + ")"
	case "@set":
		if len(a.OrderBy) == 0 && over == "" {
			distinct = true
			return "list" + call(args)
		}
		return p.distinctOf("list" + call(args))
	case "@setunion":
		return p.distinctOf("flatten(list" + call(args) + ")")
	}
	t := a.Fn.duck
	if a.Fn.Name == "any_value" && total && len(a.OrderBy) == 0 {
		t = "min#" // keeps one value where an order has all of them
	}
	if len(a.Args) == 1 && (a.Args[0].Type().Kind == KindDouble || a.Args[0].Type().Kind == KindReal) {
		switch a.Fn.Name {
		case "max":
			if mayBeNaN(a.Args[0]) {
				t = maxOfFloats
			}
		case "histogram":
			// DuckDB takes NaN for any other number. As text it is itself, and adding 0 makes -0.0 zero.
			return p.sortedMap("CAST(histogram" + call([]string{"CAST(" + args[0] + " + 0 AS VARCHAR)"}) + " AS " + d + ")")
		}
	}
	// One pass: what is put in holds texts of the user's, and is not read again.
	return aggregatePart.ReplaceAllStringFunc(t, func(m string) string {
		switch m {
		case "#":
			return call(args)
		case "{R}":
			return d
		case "{S}":
			return fmt.Sprint(a.Typ.Scale)
		}
		return call([]string{argument.ReplaceAllStringFunc(m[2:len(m)-1], func(n string) string { return args[n[1]-'1'] })})
	})
}

var (
	aggregatePart = regexp.MustCompile(`#\{[^{}]*\}|#|\{[RS]\}`)
	argument      = regexp.MustCompile(`\$[1-9]`)
)

// checkArgs puts Trino's checks around arguments that are numbers for the function.
func (p *duckPrinter) checkArgs(a *Agg, args []string) {
	check := func(i int, condition, message string) {
		if l, ok := a.Args[i].(*Literal); ok {
			if n, ok := l.Value.(int64); ok && n > 0 && n <= 10_000 {
				return // right for all of them
			}
		}
		t := a.Args[i].Type()
		args[i] = p.template("CASE WHEN "+condition+" THEN $1 WHEN $1 IS NOT NULL THEN {!INVALID_FUNCTION_ARGUMENT|"+message+"!} END", args[i:i+1], []*Type{t}, t)
	}
	switch name := a.Fn.Name; {
	case name == "approx_percentile" && len(args) == 2:
		if a.Args[1].Type().Kind == KindArray {
			args[1] = p.template("list_transform($1, lambda _x : "+fromAbove("_x")+")", args[1:], []*Type{ArrayOf(Double)}, Double)
		} else {
			args[1] = fromAbove(args[1])
		}
	case name == "approx_distinct" && len(args) == 2:
		types := []*Type{a.Args[0].Type(), Double}
		args[0] = p.template("CASE WHEN $2 BETWEEN 0.0040625 AND 0.26 THEN $1 WHEN $2 IS NOT NULL THEN {!INVALID_FUNCTION_ARGUMENT|Standard error must be in [0.0040625, 0.26000]!} END", args, types, types[0])
	case name == "ntile":
		check(0, "$1 > 0", "Buckets must be greater than 0")
	case name == "nth_value":
		check(1, "$1 > 0", "Offset must be at least 1")
	case (name == "lag" || name == "lead") && len(args) > 1:
		if isNull(a.Args[1]) {
			p.refuse(a.Pos, "INVALID_FUNCTION_ARGUMENT", "Offset must not be null")
		}
		check(1, "$1 >= 0", "Offset must be at least 0")
	case (name == "max" || name == "min") && len(args) == 2:
		check(1, "$1 BETWEEN 1 AND 10000", "second argument of max_n/min_n must be positive and at most 10000")
	case (name == "max_by" || name == "min_by") && len(args) == 3:
		check(2, "$1 BETWEEN 1 AND 10000", "third argument of max_by/min_by must be a positive integer and at most 10000")
	}
}

// fromAbove turns a percentile p into one that counts down, which is negative for DuckDB: counted
// from above, its value is the one behind p of all others, as Trino's is. Decimals count exactly.
func fromAbove(p string) string {
	return "-greatest(1 - CAST(" + p + " AS DECIMAL(18, 15)), 0.000000000000001)"
}

// moments prints skewness and kurtosis of a list. DuckDB's own add up powers of the
// values, which leaves nothing of small differences between great ones.
func (p *duckPrinter) moments(name, list string) string {
	list = p.template("list_filter($1, lambda _x : _x IS NOT NULL)", []string{list}, []*Type{Unknown}, Double)
	return p.bound([]string{list}, func(l []string) string {
		return p.bound([]string{"CAST(len(" + l[0] + ") AS DOUBLE)", "list_avg(" + l[0] + ")"}, func(v []string) string {
			n, mean := v[0], v[1]
			sum := func(power int) string {
				x := p.name()
				return fmt.Sprintf("list_sum(list_transform(%s, lambda %s : power(%s - %s, %d)))", l[0], x, x, mean, power)
			}
			return p.bound([]string{sum(2)}, func(m2 []string) string {
				if name == "skewness" {
					return fmt.Sprintf("(CASE WHEN %s >= 3 THEN sqrt(%s) * %s / power(%s, '1.5'::DOUBLE) END)", n, n, sum(3), m2[0])
				}
				return fmt.Sprintf("(CASE WHEN %[1]s >= 4 THEN (%[1]s - 1) * %[1]s * (%[1]s + 1) / ((%[1]s - 2) * (%[1]s - 3)) * %[3]s / (%[2]s * %[2]s)"+
					" - 3 * (%[1]s - 1) * (%[1]s - 1) / ((%[1]s - 2) * (%[1]s - 3)) END)", n, m2[0], sum(4))
			})
		})
	})
}

// window prints a call over a window.
func (p *duckPrinter) window(w *Window) string {
	var parts []string
	if len(w.PartitionBy) > 0 {
		parts = append(parts, "PARTITION BY "+p.list(w.PartitionBy))
	}
	if len(w.Order) > 0 {
		parts = append(parts, "ORDER BY "+p.windowOrder(w))
	}
	if f := w.Frame; f != nil {
		unit := [...]string{"RANGE", "ROWS", "GROUPS"}[f.Unit]
		if len(w.Order) == 0 && f.Unit == FrameGroups {
			unit = "RANGE" // all rows are one group, for which DuckDB wants an order
		}
		parts = append(parts, unit+" BETWEEN "+p.frameBound(f.Start)+" AND "+p.frameBound(f.End))
	}
	return p.outer.all(p.aggregate(&w.Agg, " OVER ("+strings.Join(parts, " ")+")"))
}

func (p *duckPrinter) frameBound(b Bound) string {
	switch b.Kind {
	case UnboundedPreceding:
		return "UNBOUNDED PRECEDING"
	case UnboundedFollowing:
		return "UNBOUNDED FOLLOWING"
	case CurrentRow:
		return "CURRENT ROW"
	case Preceding:
		return p.frameOffset(b.Value) + " PRECEDING"
	default:
		return p.frameOffset(b.Value) + " FOLLOWING"
	}
}

// frameOffset checks what is no constant: DuckDB counts rows backwards.
func (p *duckPrinter) frameOffset(e Expr) string {
	sql := p.expr(e)
	if _, ok := uncast(e).(*Literal); ok {
		return sql
	}
	zero := "0"
	if !e.Type().IsNumeric() {
		zero = "to_days(0)"
	}
	return p.template("CASE WHEN $1 >= "+zero+" THEN $1 ELSE {!INVALID_WINDOW_FRAME|"+frameOffset+"!} END", []string{sql}, []*Type{e.Type()}, e.Type())
}
