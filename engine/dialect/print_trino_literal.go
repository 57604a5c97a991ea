package dialect

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"traillake/engine/dialect/syntax"
)

// literal prints a constant so that its type is seen.
func (p *trinoPrinter) literal(l *Literal) string {
	if l.Value == nil {
		if l.Typ.Kind == KindUnknown {
			return "NULL"
		}
		return "CAST(NULL AS " + trinoType(l.Typ) + ")"
	}
	typed := func(word, text string) string { return word + " '" + text + "'" }
	switch v := l.Value.(type) {
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return p.float(l.Typ, v)
	case *big.Int:
		text := DecimalText(v, l.Typ.Scale)
		sql := typed("DECIMAL", text)
		if same, ok := decimalLiteral(text); !ok || !same.Typ.Equal(l.Typ) {
			return "CAST(" + sql + " AS " + trinoType(l.Typ) + ")"
		}
		return sql
	case string:
		switch {
		case l.Typ.Kind == KindJSON:
			return "JSON " + trinoText(v)
		case l.Typ.Kind == KindUUID:
			return "UUID " + trinoText(v)
		case l.Typ.Kind == KindVarchar && l.Typ.Length == utf8.RuneCountInString(v):
			return trinoText(v)
		}
		return "CAST(" + trinoText(v) + " AS " + trinoType(l.Typ) + ")"
	case []byte:
		return "X'" + strings.ToUpper(hex.EncodeToString(v)) + "'"
	case netip.Addr:
		return typed("IPADDRESS", v.String())
	case int64:
		return p.integer(l.Typ, v)
	default:
		panic(fmt.Sprintf("BUG: literal %T", v))
	}
}

// trinoText writes text. Control characters do not survive every client, so that they
// are written as their numbers.
func trinoText(s string) string {
	special := strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
	quoted := strings.ReplaceAll(s, "'", "''")
	if !special {
		return "'" + quoted + "'"
	}
	var b strings.Builder
	for _, r := range quoted {
		switch {
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\%04X`, r)
		case r == '\\':
			b.WriteString(`\\`)
		default:
			b.WriteRune(r)
		}
	}
	return "U&'" + b.String() + "'"
}

func (p *trinoPrinter) float(t *Type, v float64) string {
	text := strconv.FormatFloat(v, 'E', -1, 64)
	if t.Kind == KindReal {
		text = strconv.FormatFloat(v, 'E', -1, 32)
	}
	switch {
	case math.IsNaN(v):
		text = "NaN"
	case math.IsInf(v, 1):
		text = "Infinity"
	case math.IsInf(v, -1):
		text = "-Infinity"
	case t.Kind == KindDouble && !math.Signbit(v):
		return strings.Replace(text, "E+0", "E", 1)
	}
	return strings.ToUpper(t.String()) + " '" + text + "'"
}

func (p *trinoPrinter) integer(t *Type, v int64) string {
	at := func(layout string, micros int64) string {
		s := time.UnixMicro(micros).UTC()
		if s.Year() < 1 || s.Year() > 9999 {
			p.refuse(-1, "a time of the year %d cannot be written for Trino", s.Year())
		}
		return s.Format(layout)
	}
	fraction := ""
	if t.Precision > 0 {
		fraction = "." + strings.Repeat("0", min(t.Precision, 9))
	}
	more := strings.Repeat("0", max(0, t.Precision-9))
	switch t.Kind {
	case KindInteger:
		return strconv.FormatInt(v, 10)
	case KindBigint:
		if v > math.MaxInt32 {
			return strconv.FormatInt(v, 10)
		}
		return fmt.Sprintf("BIGINT '%d'", v)
	case KindTinyint, KindSmallint:
		return fmt.Sprintf("%s '%d'", strings.ToUpper(t.String()), v)
	case KindDate:
		return "DATE '" + at("2006-01-02", v*microsPerDay) + "'"
	case KindTime:
		return "TIME '" + at("15:04:05"+fraction, v) + more + "'"
	case KindTimeTZ:
		return "TIME '" + at("15:04:05"+fraction, v) + more + "+00:00'"
	case KindTimestamp:
		return "TIMESTAMP '" + at("2006-01-02 15:04:05"+fraction, v) + more + "'"
	case KindTimestampTZ:
		sql := "TIMESTAMP '" + at("2006-01-02 15:04:05"+fraction, v) + more + " UTC'"
		if t.Zone != "" && t.Zone != "UTC" {
			sql = "(" + sql + " AT TIME ZONE " + trinoText(t.Zone) + ")"
		}
		return sql
	case KindIntervalDay:
		return dayInterval(v)
	case KindIntervalYear:
		unit := "MONTH"
		if v%12 == 0 {
			v, unit = v/12, "YEAR"
		}
		return signedInterval(v < 0, strconv.FormatUint(magnitude(v), 10), unit)
	default:
		panic("BUG: an integer for " + t.String())
	}
}

// dayInterval writes milliseconds in the largest unit of which they are a number.
func dayInterval(v int64) string {
	m := magnitude(v)
	for _, u := range intervalOrder {
		if unit := uint64(intervalUnits[u]); m%unit == 0 {
			return signedInterval(v < 0, strconv.FormatUint(m/unit, 10), string(u))
		}
	}
	return signedInterval(v < 0, fmt.Sprintf("%d.%03d", m/1000, m%1000), "SECOND")
}

func signedInterval(negative bool, amount, unit string) string {
	sign := ""
	if negative {
		sign = "-"
	}
	return "INTERVAL " + sign + "'" + amount + "' " + unit
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}

// trinoType writes a type, with the names of fields as names of SQL.
func trinoType(t *Type) string {
	list := func() string {
		parts := make([]string, len(t.Elems))
		for i, e := range t.Elems {
			parts[i] = trinoType(e)
			if t.Kind != KindRow || t.Names[i] == "" {
				continue
			}
			name := syntax.QuoteName(t.Names[i])
			if t.Names[i] != strings.ToLower(t.Names[i]) {
				name = quoteIdent(t.Names[i]) // in lower case without quotes
			}
			parts[i] = name + " " + parts[i]
		}
		return "(" + strings.Join(parts, ", ") + ")"
	}
	switch t.Kind {
	case KindArray, KindMap, KindRow:
		return kindNames[t.Kind] + list()
	case KindUnknown:
		return "boolean" // CAST knows no other name for what holds NULL only
	}
	return t.String()
}
