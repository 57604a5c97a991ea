package dialect

import (
	"maps"
	"math/big"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"traillake/engine/dialect/scalar"
	"traillake/engine/dialect/syntax"
)

func intLiteral(v int64) *Literal {
	if v >= -1<<31 && v < 1<<31 {
		return &Literal{Typ: Integer, Value: v}
	}
	return &Literal{Typ: Bigint, Value: v}
}

func textLiteral(s string) *Literal {
	return &Literal{Typ: VarcharN(utf8.RuneCountInString(s)), Value: s}
}

// decimalLiteral reads digits with or without a point. Zeros in front do not count.
func decimalLiteral(s string) (*Literal, bool) {
	digits, negative := strings.CutPrefix(strings.TrimPrefix(s, "+"), "-")
	whole, frac, _ := strings.Cut(digits, ".")
	if whole+frac == "" || strings.Trim(whole+frac, "0123456789") != "" {
		return nil, false
	}
	whole = strings.TrimLeft(whole, "0")
	p := max(1, len(whole)+len(frac))
	if p > 38 {
		return nil, false
	}
	v, ok := new(big.Int).SetString("0"+whole+frac, 10)
	if negative {
		v.Neg(v)
	}
	return &Literal{Typ: Decimal(p, len(frac)), Value: v}, ok
}

// typedLiteral analyzes TYPE 'text'.
func (a *analyzer) typedLiteral(x *syntax.TypedLit, e *exprAnalyzer) Expr {
	text := x.Value.Value
	bad := func() Expr {
		return a.failed(x.At(), CodeInvalidLiteral, "", "'%s' is not a valid %s literal", text, strings.ToUpper(x.Type))
	}
	if strings.EqualFold(x.Type, "json") {
		return e.resolveCall("json_parse", []Expr{textLiteral(text)}, x.At())
	}
	if strings.EqualFold(x.Type, "timestamp") {
		l, ok := parseTimestamp(text)
		if !ok {
			return bad()
		}
		return l
	}
	t, err := ParseType(x.Type)
	if err != nil {
		hint := ""
		if x.Type == "e" {
			hint = "texts have no escapes with backslashes; write U&'\\000a'"
		}
		return a.failed(x.At(), CodeTypeNotFound, hint, "Unknown type: %s", x.Type)
	}
	trimmed := strings.TrimSpace(text)
	switch t.Kind {
	case KindDate:
		if l, ok := parseTimestamp(trimmed); ok && !strings.Contains(trimmed, ":") {
			return &Literal{Typ: Date, Value: scalar.FloorDiv(l.Value.(int64), microsPerDay)}
		}
		return bad()
	case KindTime:
		if l := parseTime(trimmed); l != nil {
			return l
		}
		return bad()
	case KindVarchar:
		return &Literal{Typ: t, Value: text}
	case KindChar: // as long as its text
		return &Cast{X: textLiteral(text), To: CharN(max(utf8.RuneCountInString(text), 1)), Pos: x.At().Start}
	case KindBoolean:
		switch strings.ToLower(trimmed) {
		case "true", "t", "1":
			return &Literal{Typ: Boolean, Value: true}
		case "false", "f", "0":
			return &Literal{Typ: Boolean, Value: false}
		}
		return bad()
	case KindTinyint, KindSmallint, KindInteger, KindBigint:
		bits := integerBits[t.Kind]
		v, err := strconv.ParseInt(trimmed, 10, bits)
		if err != nil {
			return bad()
		}
		return &Literal{Typ: t, Value: v}
	case KindDouble, KindReal:
		v, err := scalar.ParseDouble(text)
		if err != nil {
			return bad()
		}
		if t.Kind == KindReal {
			v = float64(float32(v))
		}
		return &Literal{Typ: t, Value: v}
	case KindDecimal:
		if l, ok := decimalLiteral(trimmed); ok {
			return l
		}
		return bad()
	case KindIPAddress:
		ip, err := netip.ParseAddr(text)
		if err != nil {
			return bad()
		}
		return &Literal{Typ: t, Value: ip}
	}
	return &Cast{X: textLiteral(text), To: t, Pos: x.At().Start}
}

// intervalUnits are milliseconds, intervalMonths months.
var (
	intervalUnits = map[syntax.IntervalField]int64{"DAY": 86_400_000, "HOUR": 3_600_000, "MINUTE": 60_000, "SECOND": 1000}
	intervalOrder = []syntax.IntervalField{"DAY", "HOUR", "MINUTE", "SECOND"}
)

// interval analyzes INTERVAL '…' field TO field.
func (a *analyzer) interval(x *syntax.IntervalLit) Expr {
	l := parseInterval(strings.TrimSpace(x.Value.Value), x.From, x.To)
	if l == nil {
		to := ""
		if x.To != "" {
			to = " TO " + string(x.To)
		}
		return a.failed(x.At(), CodeInvalidLiteral, "", "'%s' is not a valid INTERVAL literal of %s%s", x.Value.Value, x.From, to)
	}
	if x.Negative {
		l.Value = -l.Value.(int64)
	}
	return l
}

// parseInterval returns nil for text that is no such interval.
func parseInterval(s string, from, to syntax.IntervalField) *Literal {
	sign := int64(1)
	if rest, ok := strings.CutPrefix(s, "-"); ok {
		s, sign = rest, -1
	} else {
		s = strings.TrimPrefix(s, "+")
	}
	if to == "" {
		to = from
	}
	if from == "YEAR" || from == "MONTH" {
		return yearInterval(s, from, to, sign)
	}
	first, last := -1, -1
	for i, f := range intervalOrder {
		if f == from {
			first = i
		}
		if f == to {
			last = i
		}
	}
	if first < 0 || last < first {
		return nil
	}
	var total int64
	for i := first; i <= last; i++ {
		unit := intervalUnits[intervalOrder[i]]
		part := s
		if i < last {
			sep := ":"
			if i == 0 {
				sep = " "
			}
			var ok bool
			if part, s, ok = strings.Cut(s, sep); !ok {
				return nil
			}
			s = strings.TrimLeft(s, " ")
		}
		n, ok := intervalAmount(part, unit)
		if !ok || total > 1<<62-n {
			return nil
		}
		total += n
	}
	return &Literal{Typ: IntervalDay, Value: sign * total}
}

// intervalAmount reads one field; seconds may have decimals, of which three count.
func intervalAmount(s string, unit int64) (int64, bool) {
	whole, frac, point := strings.Cut(s, ".")
	if whole+frac == "" || strings.Trim(whole+frac, "0123456789") != "" || point && unit != 1000 {
		return 0, false
	}
	n, err := strconv.ParseInt("0"+whole, 10, 64)
	if err != nil || n > (1<<62)/unit {
		return 0, false
	}
	n *= unit
	if point {
		f, _ := strconv.ParseInt((frac + "000")[:3], 10, 64)
		n += f
	}
	return n, true
}

func yearInterval(s string, from, to syntax.IntervalField, sign int64) *Literal {
	number := func(s string) (int64, bool) {
		if s == "" || strings.Trim(s, "0123456789") != "" {
			return 0, false
		}
		n, err := strconv.ParseInt(s, 10, 32)
		return n, err == nil && n < 1<<27
	}
	switch {
	case from == to:
		n, ok := number(s)
		if !ok {
			return nil
		}
		if from == "YEAR" {
			n *= 12
		}
		return &Literal{Typ: IntervalYear, Value: sign * n}
	case from == "YEAR" && to == "MONTH":
		y, m, ok := strings.Cut(s, "-")
		years, ok1 := number(y)
		months, ok2 := number(m)
		if !ok || !ok1 || !ok2 {
			return nil
		}
		return &Literal{Typ: IntervalYear, Value: sign * (years*12 + months)}
	}
	return nil
}

// parameter returns the values of a parameter.
func (a *analyzer) parameter(x *syntax.Param) []*Literal {
	var vs []*Literal
	switch {
	case x.Name != "":
		var ok bool
		if vs, ok = a.opts.Named[x.Name]; !ok {
			a.fail(x.At(), CodeInvalidParameter, didYouMean(x.Name, slices.Collect(maps.Keys(a.opts.Named))), "there is no value for the parameter :%s", x.Name)
			return nil
		}
	case x.Index >= len(a.opts.Positional):
		a.fail(x.At(), CodeInvalidParameter, "", "Incorrect number of parameters: there is no value for number %d", x.Index+1)
		return nil
	default:
		vs = a.opts.Positional[x.Index : x.Index+1]
	}
	return vs
}
