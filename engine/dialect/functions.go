package dialect

import (
	"cmp"
	"fmt"
	"strings"
)

// The registry is written as tables: a signature, and how DuckDB computes it. See
// sigType for the notation of signatures and template for that of the other side.

// scalarFunctions returns the overloads of all scalar functions.
func scalarFunctions() []spec {
	var all []spec
	for _, part := range [][]spec{
		mathFunctions, statisticFunctions, textFunctions, regexpFunctions, binaryFunctions, jsonFunctions, urlFunctions, dateFunctions(),
		arrayFunctions, mapFunctions, otherFunctions,
	} {
		all = append(all, part...)
	}
	return all
}

// functionAliases are other names of functions.
var functionAliases = map[string]string{
	"ceiling": "ceil", "pow": "power", "rand": "random", "substring": "substr", "day_of_month": "day",
	"dow": "day_of_week", "doy": "day_of_year", "week_of_year": "week", "yow": "year_of_week", "every": "bool_and",
	"arbitrary": "any_value", "char_length": "length", "character_length": "length",
	"parse_presto_data_size": "parse_data_size", "bitwise_arithmetic_shift_right": "bitwise_right_shift_arithmetic",
	"stddev": "stddev_samp", "variance": "var_samp", "current_timezone_name": "current_timezone",
}

// refusedFunctions are functions of Trino that are not to be had, with the reason.
var refusedFunctions = refused(map[string]string{
	"sketches of another engine cannot be exchanged with Trino's": "approx_set merge empty_approx_set qdigest_agg tdigest_agg value_at_quantile " +
		"values_at_quantiles quantile_at_value make_set_digest merge_set_digest intersection_cardinality jaccard_index " +
		"hash_counts destructure_tdigest trimmed_mean numeric_histogram approx_most_frequent theta_sketch_cardinality theta_sketch_union",
	"its result depends on the engine":         "checksum spooky_hash_v2_32 spooky_hash_v2_64",
	"it is a function of Presto, not of Trino": "entropy",
	"it draws on terminals":                    "color bar render rgb",
	"its steps run in parallel":                "reduce_agg",
	"geospatial functions are left out": "st_geometryfromtext st_point st_contains st_distance st_intersects st_area st_within " +
		"st_astext st_x st_y great_circle_distance to_geometry bing_tile bing_tile_at geometry_union",
	"machine learning is left out":            "learn_classifier learn_regressor learn_libsvm_classifier learn_libsvm_regressor classify regress features",
	"it belongs to MATCH_RECOGNIZE":           "classifier match_number",
	"a query of the lake knows no session":    "current_user current_catalog current_schema current_path current_groups version",
	"row patterns and table functions":        "exclude_columns descriptor",
	"it is a function of Teradata":            "to_char to_timestamp to_date char2hexint index",
	"use json_extract or json_extract_scalar": "json_exists json_query json_value json_object json_array json_table",
})

func refused(byReason map[string]string) map[string]string {
	out := map[string]string{}
	for why, names := range byReason {
		for _, n := range strings.Fields(names) {
			out[n] = why
		}
	}
	return out
}

var mathFunctions = []spec{
	{sig: "abs(N) N", duck: "CAST(abs($1) AS {R})"},
	{sig: "acos(double) double", duck: "CASE WHEN abs($1) <= 1 THEN acos($1) WHEN $1 IS NOT NULL THEN 'nan'::DOUBLE END"},
	{sig: "asin(double) double", duck: "CASE WHEN abs($1) <= 1 THEN asin($1) WHEN $1 IS NOT NULL THEN 'nan'::DOUBLE END"},
	{sig: "atan(double) double", duck: "atan($1)"},
	{sig: "atan2(double, double) double", duck: "atan2($1, $2)"},
	{sig: "cbrt(double) double", duck: "t_cbrt($1)"},
	{sig: "ceil(N) N", fn: wholeCall("ceil"), typ: toWhole},
	{sig: "cos(double) double", duck: "cos($1)"},
	{sig: "cosh(double) double", duck: "cosh($1)"},
	{sig: "degrees(double) double", duck: "degrees($1)"},
	{sig: "e() double", duck: "exp(1.0::DOUBLE)"},
	{sig: "exp(double) double", duck: "exp($1)"},
	{sig: "floor(N) N", fn: wholeCall("floor"), typ: toWhole},
	{sig: "infinity() double", duck: "'inf'::DOUBLE"},
	{sig: "nan() double", duck: "'nan'::DOUBLE"},
	{sig: "is_finite(double) boolean", duck: "isfinite($1)"},
	{sig: "is_infinite(double) boolean", duck: "isinf($1)"},
	{sig: "is_nan(double) boolean", duck: "isnan($1)"},
	{sig: "ln(double) double", duck: logarithm("ln($1)")},
	{sig: "log2(double) double", duck: logarithm("(ln($1) / '0.6931471805599453'::DOUBLE)")},
	{sig: "log10(double) double", duck: logarithm("log10($1)")},
	{sig: "log(double, double) double", duck: "t_log($1, $2)"},
	{sig: "mod(N, N) N", fn: modCall, typ: modType},
	{sig: "pi() double", duck: "pi()"},
	{sig: "power(double, double) double", duck: "power($1, $2)"},
	{sig: "radians(double) double", duck: "radians($1)"},
	{sig: "random() double", varies: true, duck: "random()"},
	{sig: "random(I) I", varies: true, duck: "CASE WHEN $1 <= 0 THEN {!INVALID_FUNCTION_ARGUMENT|bound must be positive!} ELSE CAST(floor(random() * $1) AS {R}) END"},
	{sig: "random(I, I) I", varies: true, duck: "CASE WHEN $1 >= $2 THEN {!INVALID_FUNCTION_ARGUMENT|start value must be less than stop value!} ELSE CAST($1 + floor(random() * ($2 - $1)) AS {R}) END"},
	{sig: "round(N) N", duck: "CAST(round($1, 0) AS {R})", typ: toWhole},
	{sig: "round(N, integer) N", fn: roundCall, typ: roundType},
	{sig: "sign(N) N", fn: signCall, typ: signType},
	{sig: "sin(double) double", duck: "sin($1)"},
	{sig: "sinh(double) double", duck: "sinh($1)"},
	{sig: "sqrt(double) double", duck: "CASE WHEN $1 >= 0 THEN sqrt($1) WHEN $1 IS NOT NULL THEN 'nan'::DOUBLE END"},
	{sig: "tan(double) double", duck: "tan($1)"},
	{sig: "tanh(double) double", duck: "tanh($1)"},
	{sig: "truncate(N) N", duck: "CAST(trunc($1) AS {R})", typ: toTruncated},
	{sig: "truncate(N, integer) N", fn: truncateCall, typ: asExact},
	{sig: "width_bucket(double, double, double, bigint) bigint", duck: "t_width_bucket($1, $2, $3, $4)"},
	{sig: "width_bucket(double, array(double)) bigint", duck: "CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL WHEN len($2) = 0 THEN {!INVALID_FUNCTION_ARGUMENT|Bins cannot be an empty array!} WHEN isnan($1) THEN {!INVALID_FUNCTION_ARGUMENT|Operand cannot be NaN!}" +
		" WHEN list_sort($2) <> $2 THEN {!INVALID_FUNCTION_ARGUMENT|Bin values are not sorted in ascending order!}" +
		" WHEN NOT list_bool_and(list_transform($2, lambda _y : isfinite(_y))) THEN {!INVALID_FUNCTION_ARGUMENT|Bin value must be finite!}" +
		" ELSE len(list_filter($2, lambda _x : _x <= $1)) END"},
	{sig: "from_base(varchar, bigint) bigint", duck: "t_from_base($1, $2)"},
	{sig: "to_base(bigint, bigint) varchar", duck: "t_to_base($1, $2)"},
	{sig: "bit_count(bigint, bigint) bigint", duck: "t_bit_count($1, $2)"},
	{sig: "bitwise_and(bigint, bigint) bigint", duck: "($1 & $2)"},
	{sig: "bitwise_or(bigint, bigint) bigint", duck: "($1 | $2)"},
	{sig: "bitwise_xor(bigint, bigint) bigint", duck: "xor($1, $2)"},
	{sig: "bitwise_not(bigint) bigint", duck: "(~ $1)"},
	{sig: "bitwise_left_shift(I, bigint) I", fn: shiftCall("left")},
	{sig: "bitwise_right_shift(I, bigint) I", fn: shiftCall("right")},
	{sig: "bitwise_right_shift_arithmetic(I, bigint) I", fn: shiftCall("arithmetic")},
	{sig: "greatest(O, O...) O", fn: extreme("greatest")},
	{sig: "least(O, O...) O", fn: extreme("least")},
}

func logarithm(f string) string {
	return "CASE WHEN $1 > 0 THEN " + f + " WHEN $1 = 0 THEN '-inf'::DOUBLE WHEN $1 IS NOT NULL THEN 'nan'::DOUBLE END"
}

// toWhole is the type of a decimal rounded to a whole number.
func toWhole(args []*Type) *Type {
	if t := args[0]; t.Kind == KindDecimal {
		return Decimal(min(38, t.Precision-t.Scale+min(t.Scale, 1)), 0)
	}
	return args[0]
}

// toTruncated is the type of a decimal without its digits behind the point. Integers become decimals.
func toTruncated(args []*Type) *Type {
	if t := args[0]; t.Kind == KindDecimal {
		return Decimal(max(1, t.Precision-t.Scale), 0)
	}
	return asExact(args)
}

// asExact is the type of a decimal, or an integer as one.
func asExact(args []*Type) *Type {
	if t := args[0]; t.IsInteger() {
		return asDecimal(t)
	}
	return args[0]
}

// wholeCall prints ceil or floor, which DuckDB computes as a double for a bigint.
func wholeCall(f string) func(p *duckPrinter, c *Call) string {
	return func(p *duckPrinter, c *Call) string {
		if c.Args[0].Type().IsInteger() {
			return p.expr(c.Args[0])
		}
		return p.byTemplate(c, "CAST("+f+"($1) AS {R})")
	}
}

// shiftCall prints a shift of the bits of a number of its type's width.
func shiftCall(direction string) func(p *duckPrinter, c *Call) string {
	return func(p *duckPrinter, c *Call) string {
		return p.byTemplate(c, fmt.Sprintf("CAST(t_shift(CAST($1 AS BIGINT), $2, '%s', %d) AS {R})", direction, integerBits[c.Typ.Kind]))
	}
}

func signCall(p *duckPrinter, c *Call) string {
	if k := c.Typ.Kind; k == KindDouble || k == KindReal {
		return p.byTemplate(c, "CASE WHEN isnan($1) OR $1 = 0 THEN $1 ELSE CAST(sign($1) AS {R}) END")
	}
	return p.byTemplate(c, "CAST(sign($1) AS {R})")
}

// roundCall prints round(x, digits).
func roundCall(p *duckPrinter, c *Call) string {
	switch t := c.Args[0].Type(); {
	case t.IsInteger():
		return p.byTemplate(c, "CAST(t_round(CAST($1 AS BIGINT), CAST($2 AS BIGINT), '"+t.String()+"') AS {R})")
	case t.Kind == KindDecimal:
		return p.byTemplate(c, fmt.Sprintf("CAST(t_round_decimal(CAST($1 AS VARCHAR), CAST($2 AS BIGINT), 'up', %d) AS {R})", t.Scale))
	}
	if n, ok := c.Args[1].(*Literal); ok && n.Value != nil && n.Value.(int64) >= 0 {
		return p.byTemplate(c, "CAST(round($1, $2) AS {R})")
	}
	return p.byTemplate(c, "CAST(CASE WHEN isfinite($1) OR $2 IS NULL THEN round($1, $2) ELSE $1 END AS {R})")
}

func truncateCall(p *duckPrinter, c *Call) string {
	if t := c.Args[0].Type(); t.Kind == KindDecimal || t.IsInteger() {
		return p.byTemplate(c, fmt.Sprintf("CAST(t_round_decimal(CAST($1 AS VARCHAR), CAST($2 AS BIGINT), 'down', %d) AS {R})", t.Scale))
	}
	return p.byTemplate(c, "CAST(trunc($1 * power(10, $2)) / power(10, $2) AS {R})")
}

func roundType(args []*Type) *Type {
	if t := args[0]; t.Kind == KindDecimal {
		return Decimal(min(38, t.Precision+1), t.Scale)
	}
	return args[0]
}

func signType(args []*Type) *Type {
	if args[0].Kind == KindDecimal {
		return Decimal(1, 0)
	}
	return args[0]
}

func modType(args []*Type) *Type {
	_, _, t, _ := Arithmetic(Mod, args[0], args[1])
	return t
}

func modCall(p *duckPrinter, c *Call) string {
	return p.arith(&Arith{Op: Mod, L: c.Args[0], R: c.Args[1], Typ: c.Typ, Pos: c.Pos})
}

// extreme is greatest or least, NULL where any argument is.
func extreme(f string) func(p *duckPrinter, c *Call) string {
	return func(p *duckPrinter, c *Call) string {
		args := make([]string, len(c.Args))
		for i, a := range c.Args {
			args[i] = p.expr(a)
		}
		return p.bound(args, func(x []string) string {
			value := f + "(" + strings.Join(x, ", ") + ")"
			if nan := "'nan'::" + duckType(c.Typ); f == "greatest" && (c.Typ.Kind == KindDouble || c.Typ.Kind == KindReal) {
				// NaN is neither the greatest nor the least number.
				numbers := "nullif(" + strings.Join(x, ", "+nan+"), nullif(") + ", " + nan + ")"
				value = "coalesce(greatest(" + numbers + "), " + nan + ")"
			}
			return "(CASE WHEN " + strings.Join(x, " IS NOT NULL AND ") + " IS NOT NULL THEN " + value + " END)"
		})
	}
}

var otherFunctions = []spec{
	{sig: "typeof(T) varchar", fn: func(p *duckPrinter, c *Call) string {
		return "CAST(" + quoteString(c.Args[0].Type().String()) + " AS VARCHAR)"
	}},
	{sig: "uuid() uuid", varies: true, duck: "uuid()"},
	{sig: "contains(varchar, ipaddress) boolean", fn: ipContains},
	{sig: "luhn_check(varchar) boolean", duck: "t_luhn_check($1)"},
	{sig: "human_readable_seconds(double) varchar", duck: "t_human_seconds($1)"},
	{sig: "parse_duration(varchar) interval day to second", duck: "to_milliseconds(t_parse_duration($1))"},
	{sig: "parse_data_size(varchar) decimal(38,0)", duck: "CAST(t_parse_data_size($1) AS DECIMAL(38,0))"},
	{sig: "format_number(bigint) varchar", duck: "t_format_number(CAST($1 AS DOUBLE))"},
	{sig: "format_number(double) varchar", duck: "t_format_number($1)"},
	{sig: "to_milliseconds(interval day to second) bigint", duck: "CAST(epoch($1) * 1000 AS BIGINT)"},
	{sig: "format(varchar, X...) varchar", fn: formatCall},
}

// ipContains tests an address; that of a text is read by the same function.
func ipContains(p *duckPrinter, c *Call) string {
	cidr := p.expr(c.Args[0])
	if cast, ok := c.Args[1].(*Cast); ok && cast.X.Type().Kind == KindVarchar {
		flag := "false"
		if cast.Try {
			flag = "true"
		}
		return "t_ip_in_text(" + cidr + ", " + p.expr(cast.X) + ", " + flag + ")"
	}
	return "t_ip_in(" + cidr + ", " + p.expr(c.Args[1]) + ")"
}

// formatCall prints format: its arguments travel as texts, with a letter that says what
// each one is.
func formatCall(p *duckPrinter, c *Call) string {
	kinds := ""
	texts := make([]string, 0, len(c.Args)-1)
	for _, a := range c.Args[1:] {
		t := a.Type()
		k := "s"
		x := p.expr(a)
		micros := "CAST(epoch_us(" + x + ") AS VARCHAR)"
		switch {
		case t.IsInteger():
			k = "i"
		case t.Kind == KindDouble:
			k = "f"
		case t.Kind == KindReal:
			k = "r"
		case t.Kind == KindDecimal:
			k = "d"
		case t.Kind == KindBoolean:
			k = "b"
		case t.Kind == KindDate:
			k, micros = "D", "CAST(epoch_us(CAST("+x+" AS TIMESTAMP)) AS VARCHAR)"
		case t.Kind == KindTime:
			k = "T"
		case t.Kind == KindTimestamp:
			k = "t"
		case t.Kind == KindTimestampTZ:
			k, micros = "z", "("+micros+" || "+quoteString(" "+cmp.Or(t.Zone, "UTC"))+")"
		case hasParts(t) || t.Kind == KindVarbinary:
			p.refuse(c.Pos, "NOT_SUPPORTED", "Type not supported for formatting: %s", t)
		}
		kinds += k
		switch {
		case strings.Contains("DTtz", k):
			texts = append(texts, micros)
		case t.Kind == KindChar:
			texts = append(texts, p.castToText(x, t, Varchar, castMode{}))
		default:
			texts = append(texts, p.plainText(x, t))
		}
	}
	list := "CAST([] AS VARCHAR[])"
	if len(texts) > 0 {
		list = "[" + strings.Join(texts, ", ") + "]"
	}
	return "t_format(" + p.expr(c.Args[0]) + ", " + quoteString(kinds) + ", " + list + ")"
}
