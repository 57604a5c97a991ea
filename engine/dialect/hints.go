package dialect

import (
	"slices"
	"strconv"
	"strings"

	"traillake/engine/dialect/syntax"
)

// partitions are the columns that tables of CloudTrail logs in Athena are usually divided by,
// and the columns to bound instead.
var partitions = map[string]string{
	"year": "eventTime", "month": "eventTime", "day": "eventTime", "hour": "eventTime", "date": "eventTime", "dt": "eventTime",
	"datehour": "eventTime", "timestamp": "eventTime", "event_date": "eventTime", "eventdate": "eventTime", "log_date": "eventTime",
	"partition_date": "eventTime", "datetime": "eventTime",
	"region": "awsRegion", "partition_region": "awsRegion",
	"account": "recipientAccountId", "accountid": "recipientAccountId", "account_id": "recipientAccountId",
	"aws_account_id": "recipientAccountId", "partition_account": "recipientAccountId",
}

// takesUnit are the functions whose first argument is a unit, with those of other systems.
var takesUnit = map[string]bool{
	"date_add": true, "date_diff": true, "date_trunc": true, "dateadd": true, "datediff": true, "datetrunc": true, "date_part": true, "datepart": true,
}

// partitionHint says what to bound instead of a partition; known are the names in sight.
func partitionHint(name string, known []string) string {
	column := partitions[name]
	if column == "" || !slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, column) }) {
		return ""
	}
	if column == "eventTime" {
		return "there are no partitions; bound eventTime, as in eventTime >= '2024-01-31 00:00:00'"
	}
	return "there are no partitions; use " + column
}

// readsTime are the functions that make times of text or numbers.
var readsTime = map[string]bool{
	"from_iso8601_timestamp": true, "from_iso8601_timestamp_nanos": true, "from_iso8601_date": true, "date_parse": true,
	"parse_datetime": true, "from_unixtime": true, "from_unixtime_nanos": true,
}

// argumentHint guesses what to do about arguments that do not fit.
func (x *exprAnalyzer) argumentHint(name string, args []Arg, values []Expr, places []syntax.Expr) string {
	for i, a := range args {
		if a.Type == nil {
			continue
		}
		switch t := a.Type; {
		case t.IsTemporal() && i == 0 && takesUnit[name]:
			return "the unit comes first, as in " + name + "('day', …)"
		case (t.Kind == KindDate || t.Kind == KindTimestamp || t.Kind == KindTimestampTZ) && i == 0 && (readsTime[name] || takesText(name)):
			return x.timeHint(name, t, places[i])
		case t.Kind == KindRow, t.Kind == KindArray && t.Elem().Kind == KindRow && i == 0 && jsonText[name]:
			return x.rowHint(name, t, values, places[i])
		case t.Kind == KindMap && name != "element_at":
			return "take one entry, as element_at(map, 'key')"
		case t.IsNumeric() && takesText(name), t.Kind == KindBoolean && takesText(name):
			return "make text of it with CAST(… AS varchar)"
		case t.IsText() && Overloads(name) != nil && !takesText(name):
			return "cast the text to a number, or to the type that is expected"
		case t.Kind == KindJSON:
			return "make text of it with json_format, json_extract_scalar or CAST(… AS varchar)"
		}
	}
	return ""
}

// takesText says whether a function takes text as its first argument.
func takesText(name string) bool {
	return slices.ContainsFunc(Overloads(name), func(o *Overload) bool {
		return len(o.params) > 0 && o.params[0].t != nil && o.params[0].t.IsText()
	})
}

// timeHint says that a time need not be read, and is not text.
func (x *exprAnalyzer) timeHint(name string, t *Type, at syntax.Expr) string {
	is := "this is a timestamp already: "
	if _, _, ok := nameParts(at); ok {
		is = x.source(at.At()) + " is a timestamp already: "
	}
	if t.Kind == KindDate {
		is = strings.Replace(is, "timestamp", "date", 1)
	}
	if readsTime[name] {
		return is + "leave the function out"
	}
	return is + "compare it as it is, or make text of it with date_format(time, '%Y-%m-%d')"
}

// rowHint says how to take a field of a row, or of the rows of an array, instead of giving
// the whole to a function: the one that a constant JSON path names, or any.
func (x *exprAnalyzer) rowHint(name string, t *Type, values []Expr, at syntax.Expr) string {
	field, what := x.source(at.At()), "a row has fields: "
	if t.Kind == KindArray {
		what = "an array has elements: "
	}
	if len(values) > 1 && jsonText[name] && values[1] != nil {
		path, _ := textOf(values[1])
		steps, _ := ParseJSONPath(path)
		if s := fieldByPath(field, t, steps); s != "" {
			return what + "write " + s
		}
	}
	if t.Kind == KindArray {
		return "take one element, such as element_at(" + field + ", 1)"
	}
	return listed("take one field of the row: ", namesOf(t))
}

// fieldByPath writes the steps of a JSON path behind a value as SQL, "" where it has no such
// members.
func fieldByPath(s string, t *Type, steps []string) string {
	if len(steps) == 0 {
		return ""
	}
	for _, step := range steps {
		switch t.Kind {
		case KindRow:
			i, ambiguous := t.Field(step)
			if i < 0 || ambiguous {
				return ""
			}
			s, t = s+"."+rowFieldName(step), t.Elems[i]
		case KindArray:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 {
				return ""
			}
			s, t = "element_at("+s+", "+strconv.Itoa(n+1)+")", t.Elem()
		case KindMap:
			s, t = "element_at("+s+", '"+strings.ReplaceAll(step, "'", "''")+"')", t.Value()
		default:
			return ""
		}
	}
	return s
}

// fieldHint names the fields of a row, for one that it does not have.
func fieldHint(name string, t *Type) string {
	if hint := didYouMean(name, slices.Clone(t.Names)); hint != "" {
		return hint
	}
	return listed("its fields are ", namesOf(t))
}

// namesOf returns the names of a row's fields that have one.
func namesOf(row *Type) []string {
	return slices.DeleteFunc(slices.Clone(row.Names), func(n string) bool { return n == "" })
}

// listed writes names behind a beginning, "" for none.
func listed(start string, names []string) string {
	const most = 15 // as a line holds
	switch n := len(names); {
	case n == 0:
		return ""
	case n > most:
		return start + strings.Join(names[:most], ", ") + ", …"
	}
	return start + strings.Join(names, ", ")
}

// outputsHint names what ORDER BY of a set operation sees.
func outputsHint(of string, outputs []Column) string {
	var names []string
	for _, c := range outputs {
		if c.Name != "" {
			names = append(names, c.Name)
		}
	}
	hint := "ORDER BY behind " + of + " sees only the output columns"
	if list := listed(": ", names); list != "" {
		return hint + list
	}
	return hint + ", by their numbers"
}

// foreignFunctions are functions of other systems, and what to write instead.
var foreignFunctions = map[string]string{
	"nvl": "use coalesce(x, y)", "ifnull": "use coalesce(x, y)", "isnull": "use x IS NULL, or coalesce(x, y)", "iif": "use if(condition, x, y)",
	"decode": "use CASE", "len": "use length(x)", "size": "use cardinality(x)", "array_length": "use cardinality(x)",
	"group_concat": "use listagg(x, ',') WITHIN GROUP (ORDER BY x), or array_join(array_agg(x), ',')",
	"string_agg":   "use listagg(x, ',') WITHIN GROUP (ORDER BY x), or array_join(array_agg(x), ',')",
	"collect_list": "use array_agg(x)", "collect_set": "use array_distinct(array_agg(x))", "countif": "use count_if(condition)",
	"median": "use approx_percentile(x, 0.5)", "explode": "use CROSS JOIN UNNEST(array) AS t (x)", "array_contains": "use contains(array, value)",
	"getdate": "use now()", "sysdate": "use now()", "datediff": "use date_diff('day', start, end)", "dateadd": "use date_add('day', n, time)",
	"date_sub": "use date_add('day', -n, time)", "datepart": "use extract(DAY FROM time)", "date_part": "use extract(DAY FROM time)",
	"datetrunc": "use date_trunc('day', time)", "unix_timestamp": "use to_unixtime(time)", "str_to_date": "use date_parse(text, format)",
	"strftime": "use date_format(time, format)", "get_json_object": "use json_extract_scalar(json, path)",
	"instr": "use strpos(text, part)", "charindex": "use strpos(text, part)", "locate": "use strpos(text, part)",
	"substring_index": "use split_part(text, separator, n)", "regexp_substr": "use regexp_extract(text, pattern)",
	"regexp_matches": "use regexp_like(text, pattern)", "regexp_contains": "use regexp_like(text, pattern)",
	"ucase": "use upper(x)", "lcase": "use lower(x)", "tostring": "use CAST(x AS varchar)", "to_number": "use CAST(x AS bigint)",
	"top": "use LIMIT n at the end",
	"any": "use IN (…) or contains(array, x), or join tests with OR", "some": "use IN (…) or contains(array, x), or join tests with OR",
	"all":     "join tests with AND, or use all_match(array, x -> …)",
	"to_char": "use date_format(time, format)", "to_date": "use date_parse(text, format)", "to_timestamp": "use date_parse(text, format)",
}
