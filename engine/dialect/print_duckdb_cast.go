package dialect

import (
	"fmt"
	"slices"
	"strings"

	"traillake/engine/dialect/jsonpath"
)

// castMode is the kind of a cast.
type castMode struct {
	try      bool // NULL instead of an error
	implicit bool // a coercion; a text as a time is read as leniently as Lake does
}

func (p *duckPrinter) castExpr(e *Cast) string {
	m := castMode{try: e.Try, implicit: e.Implicit}
	from := e.X.Type()
	if l, ok := e.X.(*Literal); ok && l.Value == nil {
		return "CAST(NULL AS " + duckType(e.To) + ")"
	}
	// TRY_CAST in Trino catches what the cast does, not what its operand does; so does ours, for only
	// the cast is told to try.
	return p.cast(p.expr(e.X), from, e.To, m)
}

// cast prints the cast of a printed value.
func (p *duckPrinter) cast(x string, from, to *Type, m castMode) string {
	if from.Equal(to) {
		return x
	}
	if from.Kind == KindUnknown {
		return "CAST(" + x + " AS " + duckType(to) + ")"
	}
	flag := "false"
	if m.try {
		flag = "true"
	}
	native := func() string {
		if m.try {
			return "TRY_CAST(" + x + " AS " + duckType(to) + ")"
		}
		return "CAST(" + x + " AS " + duckType(to) + ")"
	}
	if m.try && (to.Kind == KindArray || to.Kind == KindMap || to.Kind == KindRow) {
		// One bad element makes all of it NULL.
		m.try = false
		return p.bound([]string{x}, func(b []string) string { return "TRY(" + p.cast(b[0], from, to, m) + ")" })
	}
	if from.Kind == KindJSON && to.Kind != KindJSON {
		return p.castFromJSON(x, to, m)
	}
	switch to.Kind {
	case KindBoolean:
		if from.IsText() {
			return "t_to_boolean(" + x + ", " + flag + ")"
		}
		return native()
	case KindTinyint, KindSmallint, KindInteger, KindBigint:
		return p.castToInteger(x, from, to, m, flag, native)
	case KindReal, KindDouble:
		if from.IsText() {
			x, from = fmt.Sprintf("t_to_double(%s, %s)", x, flag), Double
		}
		if from.Kind == KindDouble && to.Kind == KindReal {
			x = "t_as_real(" + x + ")"
		}
		return "CAST(" + x + " AS " + duckType(to) + ")"
	case KindDecimal:
		if from.IsText() {
			return fmt.Sprintf("CAST(t_to_decimal(%s, %d, %d, %s) AS %s)", x, to.Precision, to.Scale, flag, duckType(to))
		}
		if from.Kind == KindReal || from.Kind == KindDouble {
			// Trino rounds the shortest decimal that means the number, DuckDB the number.
			x = "CAST(" + x + " AS VARCHAR)"
		}
		return native()
	case KindVarchar, KindChar:
		return p.castToText(x, from, to, m)
	case KindVarbinary:
		switch from.Kind {
		case KindIPAddress:
			return x
		case KindUUID:
			return "unhex(replace(CAST(" + x + " AS VARCHAR), '-', ''))"
		}
		return "encode(" + x + ")"
	case KindJSON:
		if hasText(from) {
			return "t_json_escaped(" + p.jsonOf(x, from) + ")"
		}
		return "t_json(" + p.jsonOf(x, from) + ")"
	case KindDate:
		switch {
		case from.IsText() && m.implicit:
			return "CAST(make_timestamp(t_to_timestamp(" + x + ", 2, " + flag + ")) AS DATE)"
		case from.IsText():
			return "CAST(DATE '1970-01-01' + CAST(t_to_date(" + x + ", " + flag + ") AS INTEGER) AS DATE)"
		}
		return "CAST(" + p.local(x, from) + " AS DATE)"
	case KindTime, KindTimeTZ:
		switch {
		case from.IsText():
			return "CAST(" + p.rounded("make_timestamp(t_to_time("+x+", "+flag+"))", 6, to.Precision) + " AS " + duckType(to) + ")"
		case from.Kind == KindTime && to.Kind == KindTime && to.Precision >= min(from.Precision, 6):
			return x
		case from.Kind == KindTime:
			return "CAST(" + p.rounded("(DATE '1970-01-01' + "+x+")", from.Precision, to.Precision) + " AS " + duckType(to) + ")"
		case from.Kind == KindTimeTZ:
			return "CAST(" + x + " AS " + duckType(to) + ")"
		}
		return "CAST(" + p.rounded(p.local(x, from), from.Precision, to.Precision) + " AS " + duckType(to) + ")"
	case KindTimestamp, KindTimestampTZ:
		return p.castToTimestamp(x, from, to, m, flag)
	case KindIPAddress:
		if from.Kind == KindVarbinary {
			return "t_ip_bytes(" + x + ", " + flag + ")"
		}
		return "t_ip_cast(" + x + ", " + flag + ")"
	case KindUUID:
		if from.Kind == KindVarbinary {
			x = "hex(" + x + ")"
		}
		if m.try {
			return "TRY_CAST(" + x + " AS UUID)"
		}
		return "CAST(" + x + " AS UUID)"
	case KindArray:
		if sameForm(from, to) {
			return x
		}
		v := p.name()
		return "list_transform(" + x + ", lambda " + v + " : " + p.cast(v, from.Elem(), to.Elem(), m) + ")"
	case KindMap:
		if sameForm(from, to) {
			return x
		}
		v := p.name()
		return p.bound([]string{x}, func(b []string) string {
			return "map(list_transform(map_keys(" + b[0] + "), lambda " + v + " : " + p.cast(v, from.Key(), to.Key(), m) + ")," +
				" list_transform(map_values(" + b[0] + "), lambda " + v + " : " + p.cast(v, from.Value(), to.Value(), m) + "))"
		})
	case KindRow:
		if sameForm(from, to) {
			return x
		}
		return p.bound([]string{x}, func(b []string) string {
			parts := make([]string, len(to.Elems))
			for i := range to.Elems {
				parts[i] = fmt.Sprintf("f%d := %s", i, p.cast(fmt.Sprintf("struct_extract(%s, 'f%d')", b[0], i), from.Elems[i], to.Elems[i], m))
			}
			return "(CASE WHEN " + b[0] + " IS NOT NULL THEN struct_pack(" + strings.Join(parts, ", ") + ") END)"
		})
	default:
		return native()
	}
}

// sameForm says whether values of both types are the same values in DuckDB.
func sameForm(from, to *Type) bool {
	if duckType(from) != duckType(to) || from.Kind != to.Kind {
		return false
	}
	switch from.Kind {
	case KindVarchar:
		return to.Length == Unbounded || from.Length != Unbounded && from.Length <= to.Length
	case KindTime, KindTimeTZ, KindTimestamp, KindTimestampTZ:
		return from.Precision <= to.Precision
	}
	for i := range from.Elems {
		if !sameForm(from.Elems[i], to.Elems[i]) {
			return false
		}
	}
	return true
}

func (p *duckPrinter) castToInteger(x string, from, to *Type, m castMode, flag string, native func() string) string {
	switch {
	case from.IsText():
		return fmt.Sprintf("CAST(t_to_integer(%s, '%s', %s) AS %s)", x, to, flag, duckType(to))
	case from.Kind == KindReal || from.Kind == KindDouble:
		x = "round(" + x + ")"
		if m.try {
			return "TRY_CAST(" + x + " AS " + duckType(to) + ")"
		}
		return "CAST(" + x + " AS " + duckType(to) + ")"
	}
	return native()
}

func (p *duckPrinter) castToText(x string, from, to *Type, m castMode) string {
	s := x
	bounded := to.Length != Unbounded
	switch from.Kind {
	case KindVarchar:
		if bounded && (from.Length == Unbounded || from.Length > to.Length) {
			s = fmt.Sprintf("left(%s, %d)", x, to.Length)
		}
		if to.Kind == KindChar {
			s = "rtrim(" + s + ", ' ')"
		}
		return s
	case KindChar:
		if to.Kind == KindVarchar {
			s = fmt.Sprintf("rpad(%s, %d, ' ')", x, from.Length)
		}
		if bounded && from.Length > to.Length {
			s = fmt.Sprintf("left(%s, %d)", s, to.Length)
		}
		return s
	}
	s = p.text(x, from)
	if !bounded {
		return s
	}
	return p.bound([]string{s}, func(b []string) string {
		over := failing("VARCHAR", "INVALID_CAST_ARGUMENT", "Value cannot be represented as "+to.String())
		if m.try {
			over = "NULL"
		}
		return fmt.Sprintf("(CASE WHEN length(%s) > %d THEN %s ELSE %s END)", b[0], to.Length, over, b[0])
	})
}

// text prints a scalar as the text that Trino casts it to.
func (p *duckPrinter) text(x string, t *Type) string {
	switch t.Kind {
	case KindDouble:
		return "t_double_cast(" + x + ")"
	case KindReal:
		return "t_real_cast(CAST(" + x + " AS DOUBLE))"
	case KindTimestamp:
		return timestampText(x, t.Precision, " ")
	case KindTimestampTZ:
		zone := t.Zone
		if zone == "" {
			zone = "UTC"
		}
		return "(" + timestampText(p.local(x, t), t.Precision, " ") + " || " + quoteString(" "+zone) + ")"
	case KindTime:
		return "left(strftime(DATE '1970-01-01' + " + x + ", '%H:%M:%S.%f'), " + fmt.Sprint(timeWidth(t.Precision)) + ")"
	case KindTimeTZ:
		return "(" + p.text("CAST("+x+" AS TIME)", Time(t.Precision)) + " || '+00:00')" // the only zone that times have
	case KindDecimal:
		// Where there are no digits before the point, DuckDB writes none.
		switch {
		case t.Precision > t.Scale:
		case t.Precision < 38:
			x = fmt.Sprintf("CAST(%s AS DECIMAL(%d, %d))", x, t.Precision+1, t.Scale)
		default:
			return "regexp_replace(CAST(" + x + " AS VARCHAR), '^(-?)\\.', '\\10.')"
		}
		return "CAST(" + x + " AS VARCHAR)"
	case KindIPAddress:
		return "t_ip_text(" + x + ")"
	case KindIntervalDay, KindIntervalYear:
		return "t_interval_text(" + intervalNumber(x, t) + ", " + fmt.Sprint(t.Kind == KindIntervalYear) + ")"
	default:
		return "CAST(" + x + " AS VARCHAR)"
	}
}

// plainText prints a scalar as its text in JSON and by format's %s, where doubles are written as results are.
func (p *duckPrinter) plainText(x string, t *Type) string {
	switch t.Kind {
	case KindDouble:
		return "t_double_text(" + x + ")"
	case KindReal:
		return "t_real_text(CAST(" + x + " AS DOUBLE))"
	}
	return p.text(x, t)
}

// intervalNumber prints an interval as the number that Trino keeps: milliseconds, or
// months.
func intervalNumber(x string, t *Type) string {
	if t.Kind == KindIntervalYear {
		return "CAST(" + intervalMonths(x) + " AS BIGINT)"
	}
	return intervalMillis(x)
}

func timeWidth(precision int) int {
	if precision == 0 {
		return 8
	}
	return 9 + min(precision, 6)
}

// timestampText prints a timestamp as text with as many digits as its precision.
func timestampText(x string, precision int, sep string) string {
	f := "%Y-%m-%d" + sep + "%H:%M:%S"
	switch precision {
	case 0:
		return "strftime(" + x + ", '" + f + "')"
	case 3:
		return "strftime(" + x + ", '" + f + ".%g')"
	case 6:
		return "strftime(" + x + ", '" + f + ".%f')"
	}
	if precision < 6 {
		return fmt.Sprintf("left(strftime(%s, '%s.%%f'), %d)", x, f, 20+precision)
	}
	return fmt.Sprintf("(strftime(%s, '%s.%%f') || '%s')", x, f, strings.Repeat("0", precision-6))
}

func (p *duckPrinter) castToTimestamp(x string, from, to *Type, m castMode, flag string) string {
	zoned := to.Kind == KindTimestampTZ
	switch {
	case from.IsText():
		// 0 refuses a zone, 1 wants the instant, 2 is as lenient as Lake.
		mode := 0
		if zoned {
			mode = 1
		}
		if m.implicit {
			mode = 2
		}
		s := fmt.Sprintf("make_timestamp(t_to_timestamp(%s, %d, %s))", x, mode, flag)
		s = p.rounded(s, 6, to.Precision)
		if zoned {
			return "CAST(" + s + " AS TIMESTAMPTZ)"
		}
		return s
	case from.Kind == KindDate && !zoned:
		return "CAST(" + x + " AS TIMESTAMP)"
	case from.Kind == KindDate || from.Kind == KindTimestamp && zoned:
		if from.Kind == KindTimestamp {
			x = p.rounded(x, from.Precision, to.Precision)
		}
		return "CAST(" + x + " AS TIMESTAMPTZ)"
	case from.Kind == KindTimestampTZ && !zoned:
		if from.Zone == "" {
			x = "CAST(" + x + " AS TIMESTAMP)"
		} else {
			x = p.local(x, from)
		}
		return p.rounded(x, from.Precision, to.Precision)
	case from.Kind == KindTime || from.Kind == KindTimeTZ:
		return "CAST(DATE '1970-01-01' + CAST(" + x + " AS TIME) AS " + duckType(to) + ")"
	}
	return p.rounded(x, from.Precision, to.Precision)
}

// rounded prints a timestamp rounded to fewer digits, half up, also before 1970.
func (p *duckPrinter) rounded(x string, have, want int) string {
	if want >= have || want >= 6 {
		return x
	}
	unit := 1
	for range 6 - want {
		unit *= 10
	}
	return fmt.Sprintf("time_bucket(to_microseconds(%d), %s + to_microseconds(%d))", unit, x, unit/2)
}

// hasText says whether values of a type are text, or hold some.
func hasText(t *Type) bool { return t.IsText() || slices.ContainsFunc(t.Elems, hasText) }

// jsonOf prints a value as the text of JSON, whose characters are not escaped as Trino escapes
// them. NULL inside of another value is JSON's null, and an object made of a map has its keys in order.
func (p *duckPrinter) jsonOf(x string, from *Type) string {
	inside := func(x string, t *Type) string { return "coalesce(" + p.jsonOf(x, t) + ", 'null')" }
	quoted := func(x string) string { return "CAST(to_json(" + x + ") AS VARCHAR)" }
	switch from.Kind {
	case KindArray:
		v := p.name()
		return p.listed(x, "[]", func(list string) string {
			return "list_transform(" + list + ", lambda " + v + " : " + inside(v, from.Elem()) + ")"
		})
	case KindMap:
		v := p.name()
		key, value := "struct_extract("+v+", 'key')", "struct_extract("+v+", 'value')"
		return p.listed(x, "{}", func(m string) string {
			list := "list_transform(map_entries(" + m + "), lambda " + v + " : {'k': " + p.plainText(key, from.Key()) + ", 'v': " + inside(value, from.Value()) + "})"
			if from.Key().Kind != KindVarchar {
				list = "list_sort(" + list + ")" // as texts
			}
			return "list_transform(" + list + ", lambda " + v + " : " + quoted("struct_extract("+v+", 'k')") + " || ':' || struct_extract(" + v + ", 'v'))"
		})
	case KindRow:
		return p.bound([]string{x}, func(b []string) string {
			parts := make([]string, len(from.Elems))
			for i, e := range from.Elems {
				parts[i] = quoteString(string(jsonpath.AppendString(nil, from.Names[i]))+":") + " || " + inside(fmt.Sprintf("struct_extract(%s, 'f%d')", b[0], i), e)
			}
			return "(CASE WHEN " + b[0] + " IS NOT NULL THEN '{' || " + strings.Join(parts, " || ',' || ") + " || '}' END)"
		})
	case KindJSON:
		return "CAST(" + x + " AS VARCHAR)"
	case KindDate, KindTimestamp:
		return "('\"' || " + p.text(x, from) + " || '\"')"
	case KindDouble, KindReal:
		return p.bound([]string{x}, func(b []string) string {
			text := p.plainText(b[0], from)
			return "(CASE WHEN isfinite(" + b[0] + ") THEN " + text + " ELSE '\"' || " + text + " || '\"' END)"
		})
	case KindVarchar:
		return quoted(x)
	default:
		return p.text(x, from)
	}
}

// listed prints the JSON of an array or a map, given the list of its members' texts.
func (p *duckPrinter) listed(x, brackets string, members func(x string) string) string {
	return p.bound([]string{x}, func(b []string) string {
		return "(CASE WHEN " + b[0] + " IS NOT NULL THEN '" + brackets[:1] + "' || " + joined(members(b[0]), "','", textLiteral(",")) + " || '" + brackets[1:] + "' END)"
	})
}

// castFromJSON prints JSON as another type. JSON null becomes NULL.
func (p *duckPrinter) castFromJSON(x string, to *Type, m castMode) string {
	flag := fmt.Sprint(m.try)
	switch to.Kind {
	case KindVarchar:
		s := "t_json_text(" + x + ", " + flag + ")"
		if to.Length != Unbounded {
			s = fmt.Sprintf("left(%s, %d)", s, to.Length)
		}
		return s
	case KindBoolean:
		return "t_json_boolean(" + x + ", " + flag + ")"
	case KindTinyint, KindSmallint, KindInteger, KindBigint:
		return fmt.Sprintf("CAST(t_json_integer(%s, '%s', %s) AS %s)", x, to, flag, duckType(to))
	case KindReal, KindDouble:
		return p.cast("t_json_double("+x+", "+flag+")", Double, to, castMode{})
	case KindDecimal:
		return fmt.Sprintf("CAST(t_json_decimal(%s, %d, %d, %s) AS %s)", x, to.Precision, to.Scale, flag, duckType(to))
	case KindArray:
		v := p.name()
		return "list_transform(t_json_array(" + x + ", " + flag + "), lambda " + v + " : " + p.fromElement(v, to.Elem(), m) + ")"
	case KindMap:
		v := p.name()
		return p.bound([]string{x}, func(b []string) string {
			return "map(list_transform(t_json_keys(" + b[0] + ", " + flag + "), lambda " + v + " : " + p.cast(v, Varchar, to.Key(), m) + ")," +
				" list_transform(t_json_values(" + b[0] + ", " + flag + "), lambda " + v + " : " + p.fromElement(v, to.Value(), m) + "))"
		})
	case KindRow:
		return p.bound([]string{x}, func(b []string) string {
			parts := make([]string, len(to.Elems))
			for i, e := range to.Elems {
				at := fmt.Sprintf("t_json_field(%s, %s, %d)", b[0], quoteString(to.Names[i]), i)
				parts[i] = fmt.Sprintf("f%d := %s", i, p.fromElement(at, e, m))
			}
			bad := failing(duckType(to), "INVALID_CAST_ARGUMENT", "Cannot cast to "+to.String())
			return "(CASE WHEN starts_with(" + b[0] + ", '{') OR t_json_array_length(" + b[0] + fmt.Sprintf(") = %d", len(to.Elems)) + " THEN struct_pack(" + strings.Join(parts, ", ") + ")" +
				" WHEN " + b[0] + " IS NULL OR " + b[0] + " = 'null' THEN NULL ELSE " + bad + " END)"
		})
	}
	return "CAST(" + x + " AS " + duckType(to) + ")"
}

// fromElement prints an element of JSON, given as its text, as a type.
func (p *duckPrinter) fromElement(x string, to *Type, m castMode) string {
	if to.Kind == KindJSON {
		return "t_json(" + x + ")"
	}
	return p.castFromJSON(x, to, m)
}
