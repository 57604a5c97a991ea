package dialect

import (
	"fmt"
	"strings"
)

// aggregateFunctions are printed by templates, in which # stands for the arguments
// with DISTINCT, ORDER BY, FILTER and OVER:
//
//	CAST(sum# AS {R})
var aggregateFunctions = []spec{
	{sig: "any_value(T) T", duck: "any_value#"},
	{sig: "approx_distinct(T) bigint", duck: "approx_count_distinct#"},
	{sig: "approx_distinct(T, double) bigint", duck: "approx_count_distinct#1"},
	{sig: "approx_percentile(bigint, double) bigint", duck: "CAST(approx_quantile# AS {R})"},
	{sig: "approx_percentile(double, double) double", duck: "CAST(approx_quantile# AS {R})"},
	{sig: "approx_percentile(bigint, array(double)) array(bigint)", duck: "CAST(approx_quantile# AS {R})"},
	{sig: "approx_percentile(double, array(double)) array(double)", duck: "CAST(approx_quantile# AS {R})"},
	{sig: "array_agg(T) array(T)", duck: "array_agg#"},
	{sig: "avg(bigint) double", duck: "avg#"},
	{sig: "avg(double) double", duck: "avg#"},
	{sig: "avg(real) real", duck: "CAST(avg# AS FLOAT)"},
	{sig: "avg(decimal(p)) decimal(p)", duck: "CAST(t_decimal_div(CAST(sum# AS VARCHAR), CAST(count# AS VARCHAR), {S}) AS {R})", typ: sameType},
	{sig: "avg(interval day to second) interval day to second", duck: "to_milliseconds(CAST(avg(epoch($1) * 1000) AS BIGINT))"},
	{sig: "bitwise_and_agg(bigint) bigint", duck: "bit_and#"},
	{sig: "bitwise_or_agg(bigint) bigint", duck: "bit_or#"},
	{sig: "bitwise_xor_agg(bigint) bigint", duck: "bit_xor#"},
	{sig: "bool_and(boolean) boolean", duck: "bool_and#"},
	{sig: "bool_or(boolean) boolean", duck: "bool_or#"},
	{sig: "corr(double, double) double", duck: "corr#"},
	{sig: "count() bigint", duck: "count#"},
	{sig: "count(T) bigint", duck: "count#"},
	{sig: "count_if(boolean) bigint", duck: "CAST(count_if# AS BIGINT)"},
	{sig: "covar_pop(double, double) double", duck: "covar_pop#"},
	{sig: "covar_samp(double, double) double", duck: "covar_samp#"},
	{sig: "geometric_mean(double) double", duck: "geometric_mean#"},
	{sig: "histogram(C) map(C,bigint)", duck: "CAST(histogram# AS {R})"},
	{sig: "listagg(varchar) varchar", duck: "@listagg"},
	{sig: "listagg(varchar, varchar) varchar", duck: "@listagg"},
	{sig: "map_agg(K, V) map(K,V)", duck: "@first"},
	{sig: "map_union(map(K,V)) map(K,V)", duck: "@union"},
	{sig: "multimap_agg(K, V) map(K,array(V))", duck: "@multi"},
	{sig: "max(O) O", duck: "max#"},
	{sig: "max(O, bigint) array(O)", duck: "max#"},
	{sig: "min(O) O", duck: "min#"},
	{sig: "min(O, bigint) array(O)", duck: "min#"},
	{sig: "max_by(T, O) T", duck: "arg_max_null#"},
	{sig: "max_by(T, O, bigint) array(T)", duck: "arg_max#"},
	{sig: "min_by(T, O) T", duck: "arg_min_null#"},
	{sig: "min_by(T, O, bigint) array(T)", duck: "arg_min#"},
	{sig: "regr_avgx(double, double) double", duck: "regr_avgx#"},
	{sig: "regr_avgy(double, double) double", duck: "regr_avgy#"},
	{sig: "regr_count(double, double) double", duck: "CAST(regr_count# AS DOUBLE)"},
	{sig: "regr_intercept(double, double) double", duck: "regr_intercept#"},
	{sig: "regr_r2(double, double) double", duck: "regr_r2#"},
	{sig: "regr_slope(double, double) double", duck: "regr_slope#"},
	{sig: "regr_sxx(double, double) double", duck: "regr_sxx#"},
	{sig: "regr_sxy(double, double) double", duck: "regr_sxy#"},
	{sig: "regr_syy(double, double) double", duck: "regr_syy#"},
	{sig: "set_agg(C) array(C)", duck: "@set"},
	{sig: "set_union(array(C)) array(C)", duck: "@setunion"},
	{sig: "stddev_samp(double) double", duck: "stddev_samp#"},
	{sig: "stddev_pop(double) double", duck: "stddev_pop#"},
	{sig: "sum(bigint) bigint", duck: "CAST(sum# AS BIGINT)"},
	{sig: "sum(double) double", duck: "sum#"},
	{sig: "sum(real) real", duck: "CAST(sum# AS FLOAT)"},
	{sig: "sum(decimal(p)) decimal(p)", duck: "CAST(sum# AS {R})", typ: func(a []*Type) *Type { return Decimal(38, a[0].Scale) }},
	{sig: "sum(interval day to second) interval day to second", duck: "sum#"},
	{sig: "sum(interval year to month) interval year to month", duck: "sum#"},
	{sig: "var_samp(double) double", duck: "var_samp#"},
	{sig: "var_pop(double) double", duck: "var_pop#"},
}

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

// aggregate prints an aggregate call; over is the text of an OVER clause, or empty.
func (p *duckPrinter) aggregate(a *Agg, over string) string {
	args := make([]string, len(a.Args))
	for i, e := range a.Args {
		args[i] = p.expr(e)
	}
	if a.Fn.Name == "approx_percentile" {
		t := "FLOAT"
		if a.Args[1].Type().Kind == KindArray {
			t = "FLOAT[]"
		}
		args[1] = "CAST(" + args[1] + " AS " + t + ")"
	}
	filter := ""
	if a.Filter != nil {
		filter = " FILTER (WHERE " + p.expr(a.Filter) + ")"
	}
	// call prints one aggregate of DuckDB over other arguments, under the same
	// conditions and order.
	call := func(args []string) string {
		s := "("
		if a.Distinct {
			s += "DISTINCT "
		}
		s += strings.Join(args, ", ")
		if len(args) == 0 && a.Fn.Kind == Aggregate {
			s += "*"
		}
		if a.IgnoreNulls {
			s += " IGNORE NULLS"
		}
		if len(a.OrderBy) > 0 {
			keys := make([]string, len(a.OrderBy))
			for i, o := range a.OrderBy {
				keys[i] = p.sortKey(o, p.expr)
			}
			s += " ORDER BY " + strings.Join(keys, ", ")
		}
		return s + ")" + filter + over
	}
	d := duckType(a.Typ)
	entries := func() string {
		f := filter
		filter = " FILTER (WHERE " + args[0] + " IS NOT NULL)"
		if f != "" {
			filter = strings.TrimSuffix(f, ")") + " AND " + args[0] + " IS NOT NULL)"
		}
		return "list" + call([]string{"struct_pack(k := " + args[0] + ", v := " + args[1] + ")"})
	}
	switch a.Fn.duck {
	case "@first":
		return p.sortedMap(p.template(firstOfKey, []string{entries()}, []*Type{Unknown}, a.Typ))
	case "@multi":
		k := p.name()
		return p.bound([]string{entries()}, func(x []string) string {
			keys := p.template("list_sort(list_distinct(list_transform($1, lambda _x : struct_extract(_x, 'k'))))", x, []*Type{Unknown}, a.Typ)
			of := p.template("list_transform(list_filter($1, lambda _x : struct_extract(_x, 'k') = "+k+"), lambda _y : struct_extract(_y, 'v'))", x, []*Type{Unknown}, a.Typ)
			return "map(" + keys + ", list_transform(" + keys + ", lambda " + k + " : " + of + "))"
		})
	case "@union":
		list := "flatten(list_transform(list" + call(args) + ", lambda m : list_transform(map_entries(m), lambda n : struct_pack(k := n.key, v := n.value))))"
		return p.sortedMap(p.template(firstOfKey, []string{list}, []*Type{Unknown}, a.Typ))
	case "@listagg":
		if filter == "" {
			filter = " FILTER (WHERE " + args[0] + " IS NOT NULL)"
		} else {
			filter = strings.TrimSuffix(filter, ")") + " AND " + args[0] + " IS NOT NULL)"
		}
		return "t_listagg(list" + call(args[:1]) + ", " + strings.Join(args[1:], ", ") + ")"
	case "@set":
		return p.template(distinct1, []string{"list" + call(args)}, []*Type{a.Typ}, a.Typ)
	case "@setunion":
		return p.template(distinct1, []string{"flatten(list" + call(args) + ")"}, []*Type{a.Typ}, a.Typ)
	}
	t := a.Fn.duck
	if a.Fn.Name == "avg" && strings.Contains(t, "$1") {
		t = strings.ReplaceAll(t, "avg(epoch($1) * 1000)", "avg"+call([]string{"epoch(" + args[0] + ") * 1000"}))
	}
	t = strings.ReplaceAll(t, "#1", call(args[:min(1, len(args))]))
	t = strings.ReplaceAll(t, "#", call(args))
	t = strings.ReplaceAll(t, "{R}", d)
	return strings.ReplaceAll(t, "{S}", fmt.Sprint(a.Typ.Scale))
}

// window prints a call over a window.
func (p *duckPrinter) window(w *Window) string {
	var parts []string
	if len(w.PartitionBy) > 0 {
		parts = append(parts, "PARTITION BY "+p.list(w.PartitionBy))
	}
	if len(w.Order) > 0 {
		keys := make([]string, len(w.Order))
		for i, o := range w.Order {
			keys[i] = p.sortKey(o, p.expr)
		}
		parts = append(parts, "ORDER BY "+strings.Join(keys, ", "))
	}
	if f := w.Frame; f != nil {
		unit := [...]string{"RANGE", "ROWS", "GROUPS"}[f.Unit]
		parts = append(parts, unit+" BETWEEN "+p.frameBound(f.Start)+" AND "+p.frameBound(f.End))
	}
	return p.aggregate(&w.Agg, " OVER ("+strings.Join(parts, " ")+")")
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
		return p.expr(b.Value) + " PRECEDING"
	default:
		return p.expr(b.Value) + " FOLLOWING"
	}
}
