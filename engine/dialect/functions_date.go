package dialect

import (
	"cmp"
	"slices"
	"strings"
)

// dateFunctions returns the functions of dates and times.
func dateFunctions() []spec {
	specs := []spec{
		{sig: "date(varchar) date", fn: func(p *duckPrinter, c *Call) string {
			return p.cast(p.expr(c.Args[0]), Varchar, Date, castMode{})
		}},
		{sig: "date(date) date", duck: "$1"},
		{sig: "date(timestamp) date", duck: "CAST($1 AS DATE)"},
		{sig: "date(timestamp with time zone) date", duck: "CAST(@1 AS DATE)"},
		{sig: "date_format(timestamp, varchar) varchar", fn: dateFormat},
		{sig: "date_format(timestamp with time zone, varchar) varchar", fn: dateFormat},
		{sig: "date_parse(varchar, varchar) timestamp(3)", duck: "make_timestamp(t_date_parse($1, $2))"},
		{sig: "format_datetime(timestamp, varchar) varchar", fn: formatDatetime},
		{sig: "format_datetime(timestamp with time zone, varchar) varchar", fn: formatDatetime},
		{sig: "parse_datetime(varchar, varchar) timestamp(3) with time zone", duck: "CAST(make_timestamp(t_parse_datetime($1, $2)) AS TIMESTAMPTZ)"},
		{sig: "from_iso8601_date(varchar) date", duck: "CAST(DATE '1970-01-01' + CAST(t_from_iso_date($1) AS INTEGER) AS DATE)"},
		{sig: "from_iso8601_timestamp(varchar) timestamp(3) with time zone", duck: "CAST(make_timestamp(t_from_iso($1, 3)) AS TIMESTAMPTZ)"},
		{sig: "from_iso8601_timestamp_nanos(varchar) timestamp(9) with time zone", duck: "CAST(make_timestamp(t_from_iso($1, 9)) AS TIMESTAMPTZ)"},
		{sig: "from_unixtime(double) timestamp(3) with time zone", duck: "CAST(make_timestamp(CAST(floor($1 * 1000 + 0.5) AS BIGINT) * 1000) AS TIMESTAMPTZ)"},
		{sig: "from_unixtime(double, varchar) timestamp(3) with time zone", duck: "CASE WHEN $2 IS NOT NULL THEN CAST(make_timestamp(CAST(floor($1 * 1000 + 0.5) AS BIGINT) * 1000) AS TIMESTAMPTZ) END"},
		{sig: "from_unixtime(double, bigint, bigint) timestamp(3) with time zone", duck: "CASE WHEN $2 + $3 IS NOT NULL THEN CAST(make_timestamp(CAST(floor($1 * 1000 + 0.5) AS BIGINT) * 1000) AS TIMESTAMPTZ) END"},
		{sig: "from_unixtime_nanos(bigint) timestamp(9) with time zone", duck: "CASE WHEN $1 % 1000 <> 0 THEN {!NOT_SUPPORTED|a timestamp with parts of a microsecond is not supported!} ELSE CAST(make_timestamp($1 // 1000) AS TIMESTAMPTZ) END"},
		{sig: "to_unixtime(timestamp) double", duck: "epoch($1)"},
		{sig: "to_unixtime(timestamp with time zone) double", duck: "epoch($1)"},
		{sig: "to_iso8601(date) varchar", duck: "strftime($1, '%Y-%m-%d')"},
		{sig: "to_iso8601(timestamp) varchar", fn: toISO},
		{sig: "to_iso8601(timestamp with time zone) varchar", fn: toISO},
		{sig: "last_day_of_month(date) date", duck: "last_day($1)"},
		{sig: "last_day_of_month(timestamp) date", duck: "last_day($1)"},
		{sig: "last_day_of_month(timestamp with time zone) date", duck: "last_day(@1)"},
		{sig: "at_timezone(timestamp(p) with time zone, varchar) timestamp(p) with time zone", duck: "CASE WHEN $2 IS NOT NULL THEN $1 END"},
		{sig: "with_timezone(timestamp(p), varchar) timestamp(p) with time zone", fn: func(p *duckPrinter, c *Call) string {
			return p.byTemplate(c, "CASE WHEN $2 IS NOT NULL THEN "+fromZone(c.Typ.Zone, "$1", "$1")+" END")
		}},
		{sig: "timezone_hour(timestamp with time zone) bigint", duck: "CAST(trunc((epoch(@1) - epoch($1)) / 3600) AS BIGINT)"},
		{sig: "timezone_minute(timestamp with time zone) bigint", duck: "CAST(trunc((epoch(@1) - epoch($1)) / 60) AS BIGINT) % 60"},
		{sig: "timezone(timestamp with time zone) varchar", fn: func(p *duckPrinter, c *Call) string {
			zone := c.Args[0].Type().Zone
			if zone == "" {
				zone = "UTC"
			}
			return p.byTemplate(c, "CASE WHEN $1 IS NOT NULL THEN "+quoteString(zone)+" END")
		}},
		{sig: "current_timezone() varchar", duck: "'UTC'"},
		{sig: "millisecond(interval day to second) bigint", duck: "CAST(millisecond($1) % 1000 AS BIGINT)"},
		{sig: "second(interval day to second) bigint", duck: "CAST(second($1) AS BIGINT)"},
		{sig: "minute(interval day to second) bigint", duck: "CAST(minute($1) AS BIGINT)"},
		{sig: "hour(interval day to second) bigint", duck: "CAST(trunc(epoch($1) / 3600) % 24 AS BIGINT)"},
		{sig: "day(interval day to second) bigint", duck: "CAST(trunc(epoch($1) / 86400) AS BIGINT)"},
		{sig: "month(interval year to month) bigint", duck: "CAST(datepart('month', $1) AS BIGINT)"},
		{sig: "year(interval year to month) bigint", duck: "CAST(datepart('year', $1) AS BIGINT)"},
	}
	fields := []struct{ name, duck string }{
		{"year", "year(@1)"}, {"quarter", "quarter(@1)"}, {"month", "month(@1)"}, {"week", "week(@1)"}, {"day", "day(@1)"},
		{"day_of_week", "isodow(@1)"}, {"day_of_year", "dayofyear(@1)"}, {"year_of_week", "isoyear(@1)"},
	}
	for _, f := range fields {
		for _, t := range []string{"date", "timestamp", "timestamp with time zone"} {
			specs = append(specs, spec{sig: f.name + "(" + t + ") bigint", duck: f.duck})
		}
	}
	for _, f := range []struct{ name, duck string }{
		{"hour", "hour(@1)"}, {"minute", "minute(@1)"}, {"second", "second(@1)"}, {"millisecond", "(millisecond(@1) % 1000)"},
	} {
		for _, t := range []string{"time", "timestamp", "timestamp with time zone"} {
			specs = append(specs, spec{sig: f.name + "(" + t + ") bigint", duck: f.duck})
		}
	}
	for _, t := range []string{"date", "time(p)", "timestamp(p)", "timestamp(p) with time zone"} {
		specs = append(specs,
			spec{sig: "date_trunc(varchar, " + t + ") " + t, fn: dateTrunc},
			spec{sig: "date_add(varchar, bigint, " + t + ") " + t, fn: dateAdd},
			spec{sig: "date_diff(varchar, " + t + ", " + t + ") bigint", fn: dateDiff})
	}
	return specs
}

// byUnit prints a date function by the template of its unit: that of a constant one, or
// a choice of all that there are.
func (p *duckPrinter) byUnit(c *Call, t *Type, print func(unit string) string) string {
	kind := fieldKind(t)
	l, constant := c.Args[0].(*Literal)
	if !constant {
		s := "CASE lower($1)"
		for _, u := range unitsFor(t) {
			s += " WHEN '" + u + "' THEN " + print(u)
		}
		return p.byTemplate(c, s+" ELSE "+failingWith(duckType(c.Typ), "'''' || $1 || ''' is not a valid "+kind+" field'")+" END")
	}
	if l.Value == nil {
		return "CAST(NULL AS " + duckType(c.Typ) + ")"
	}
	unit := strings.ToLower(l.Value.(string))
	if !slices.Contains(unitsFor(t), unit) {
		p.refuse(c.Pos, "INVALID_FUNCTION_ARGUMENT", "'%s' is not a valid %s field", l.Value, kind)
	}
	return p.byTemplate(c, print(unit))
}

func fieldKind(t *Type) string {
	switch t.Kind {
	case KindDate:
		return "DATE"
	case KindTime, KindTimeTZ:
		return "TIME"
	}
	return "TIMESTAMP"
}

var (
	timeUnits = []string{"millisecond", "second", "minute", "hour"}
	dateUnits = []string{"day", "week", "month", "quarter", "year"}
)

// unitsFor are the units that a type has.
func unitsFor(t *Type) []string {
	switch t.Kind {
	case KindDate:
		return dateUnits
	case KindTime, KindTimeTZ:
		return timeUnits
	}
	return slices.Concat(timeUnits, dateUnits)
}

func dateTrunc(p *duckPrinter, c *Call) string {
	t := c.Args[1].Type()
	return p.byUnit(c, t, func(name string) string {
		unit := "'" + name + "'"
		switch {
		case t.Kind == KindDate:
			return "CAST(date_trunc(" + unit + ", $2) AS DATE)"
		case t.Kind == KindTime:
			return "CAST(date_trunc(" + unit + ", DATE '1970-01-01' + $2) AS TIME)"
		case t.Kind == KindTimestampTZ && t.Zone != "" && slices.Contains(timeUnits, name):
			local := inZone(t.Zone, "$2")
			return "($2 - (" + local + " - date_trunc(" + unit + ", " + local + ")))" // right also where clocks show a time twice
		case t.Kind == KindTimestampTZ && t.Zone != "":
			return fromZone(t.Zone, "date_trunc("+unit+", @2)", "$2")
		}
		return "date_trunc(" + unit + ", $2)"
	})
}

// steps are the intervals of one unit.
var steps = map[string]string{
	"millisecond": "to_milliseconds($2)", "second": "to_seconds($2)", "minute": "to_minutes($2)", "hour": "to_hours($2)",
	"day": "to_days(CAST($2 AS INTEGER))", "week": "to_days(CAST(7 * $2 AS INTEGER))",
	"month": "to_months(CAST($2 AS INTEGER))", "quarter": "to_months(CAST(3 * $2 AS INTEGER))", "year": "to_months(CAST(12 * $2 AS INTEGER))",
}

func dateAdd(p *duckPrinter, c *Call) string {
	t := c.Args[2].Type()
	return p.byUnit(c, t, func(unit string) string {
		switch {
		case t.Kind == KindDate:
			return "CAST(($3 + " + steps[unit] + ") AS DATE)"
		case t.Kind == KindTimestampTZ && t.Zone != "" && slices.Contains(dateUnits, unit):
			return fromZone(t.Zone, "(@3 + "+steps[unit]+")", "$3")
		}
		if s := "($3 + " + steps[unit] + ")"; unit != "millisecond" || t.Precision >= 3 {
			return s
		} else if t.Kind == KindTime {
			return p.cast(s, Time(3), t, castMode{})
		} else {
			return p.rounded(s, 3, t.Precision)
		}
	})
}

// dateDiff counts whole units; DuckDB's date_diff counts the borders between them. Hours are
// those that pass, days those of the clocks in the zone of the first.
func dateDiff(p *duckPrinter, c *Call) string {
	t := c.Args[1].Type()
	return p.byUnit(c, t, func(unit string) string {
		from, to := "$2", "$3"
		if t.Kind == KindTimestampTZ && slices.Contains(timeUnits, unit) {
			from, to = "timezone('UTC', $2)", "timezone('UTC', $3)"
		} else if t.Kind == KindTimestampTZ {
			from, to = "@2", inZone(t.Zone, "$3")
		}
		if (t.Kind == KindTimestamp || t.Kind == KindTimestampTZ) && t.Precision > 3 {
			// Trino knows milliseconds here.
			from, to = "date_trunc('millisecond', "+from+")", "date_trunc('millisecond', "+to+")"
		}
		return "date_sub('" + unit + "', " + from + ", " + to + ")"
	})
}

// toMillis rounds a time to the milliseconds that Joda knows.
func toMillis(sql string, t *Type) string {
	if t.Precision <= 3 {
		return sql
	}
	return "date_trunc('millisecond', " + sql + " + to_microseconds(500))"
}

// formatDatetime formats by a pattern of Joda's.
func formatDatetime(p *duckPrinter, c *Call) string {
	zone := ""
	if t := c.Args[0].Type(); t.Kind == KindTimestampTZ {
		zone = cmp.Or(t.Zone, "UTC")
	}
	return p.byTemplate(c, "t_format_datetime(epoch_us("+toMillis("$1", c.Args[0].Type())+"), $2, "+quoteString(zone)+")")
}

func toISO(p *duckPrinter, c *Call) string {
	t := c.Args[0].Type()
	if t.Kind == KindTimestamp {
		return timestampText(p.expr(c.Args[0]), t.Precision, "T")
	}
	if t.Zone == "" || t.Zone == "UTC" {
		return "(" + timestampText(p.local(p.expr(c.Args[0]), t), t.Precision, "T") + " || 'Z')"
	}
	return p.bound([]string{p.expr(c.Args[0])}, func(x []string) string {
		return "(" + timestampText(p.local(x[0], t), t.Precision, "T") + " || t_zone_offset(epoch_us(" + x[0] + "), " + quoteString(t.Zone) + "))"
	})
}

// mysqlFormats are MySQL's format letters that strftime has, too.
var mysqlFormats = map[byte]string{
	'a': "%a", 'b': "%b", 'c': "%-m", 'd': "%d", 'e': "%-d", 'f': "%f", 'H': "%H", 'h': "%I", 'I': "%I", 'i': "%M",
	'j': "%j", 'k': "%-H", 'l': "%-I", 'M': "%B", 'm': "%m", 'p': "%p", 'r': "%I:%M:%S %p", 'S': "%S", 's': "%S",
	'T': "%H:%M:%S", 'v': "%V", 'W': "%A", 'x': "%G", 'Y': "%Y", 'y': "%y", '%': "%%",
}

// dateFormat prints date_format: by strftime where the format is constant.
func dateFormat(p *duckPrinter, c *Call) string {
	l, ok := c.Args[1].(*Literal)
	if !ok || l.Value == nil {
		return p.byTemplate(c, "t_date_format(epoch_us("+toMillis("@1", c.Args[0].Type())+"), $2)")
	}
	var b strings.Builder
	s := l.Value.(string)
	if s == "" || s == "%" {
		p.refuse(c.Pos, "INVALID_FUNCTION_ARGUMENT", "Both printing and parsing not supported")
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			break // Trino forgets the last sign
		}
		f, ok := mysqlFormats[s[i]]
		if !ok {
			if strings.IndexByte("DUuVwX", s[i]) >= 0 {
				p.refuse(c.Pos, "INVALID_FUNCTION_ARGUMENT", "%%%c not supported in date format string", s[i])
			}
			f = string(s[i])
		}
		b.WriteString(f)
	}
	t := c.Args[0].Type()
	return "strftime(" + toMillis(p.local(p.expr(c.Args[0]), t), t) + ", " + quoteString(b.String()) + ")"
}
