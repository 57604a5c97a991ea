package dialect

import (
	"fmt"
	"math/big"
)

const divisionByZero = "Division by zero"

// arith prints arithmetic with Trino's result types and errors.
func (p *duckPrinter) arith(e *Arith) string {
	l, r := p.expr(e.L), p.expr(e.R)
	lt, rt := e.L.Type(), e.R.Type()
	if !lt.IsNumeric() || !rt.IsNumeric() {
		return p.arithTemporal(e, l, r)
	}
	switch {
	case e.Op == Div && e.Typ.IsInteger():
		return p.nonZero(e, l, r, func(l, r string) string { return "(" + l + " // " + r + ")" })
	case e.Op == Mod && e.Typ.IsInteger():
		// That of the least integer by -1 is out of range for DuckDB.
		return p.nonZero(e, l, r, func(l, r string) string {
			if v, ok := e.R.(*Literal); ok && v.Value != int64(-1) {
				return "(" + l + " % " + r + ")"
			}
			return "(" + l + " % CASE WHEN " + r + " = -1 THEN 1 ELSE " + r + " END)"
		})
	case e.Typ.Kind == KindDecimal:
		return p.arithDecimal(e, l, r)
	}
	// The remainder has the sign of the dividend, as Java's; that of fmod has the divisor's.
	s := "(" + l + " " + string(e.Op) + " " + r + ")"
	if e.Typ.Kind == KindTinyint || e.Typ.Kind == KindSmallint || e.Typ.Kind == KindReal {
		return "CAST(" + s + " AS " + duckType(e.Typ) + ")"
	}
	return s
}

// nonZero prints a division that fails on zero.
func (p *duckPrinter) nonZero(e *Arith, l, r string, div func(l, r string) string) string {
	if v, ok := e.R.(*Literal); ok && v.Value != nil && !isZero(v.Value) {
		return "CAST(" + div(l, r) + " AS " + duckType(e.Typ) + ")"
	}
	return p.bound([]string{r}, func(x []string) string {
		return fmt.Sprintf("(CASE WHEN %s = 0 THEN %s ELSE CAST(%s AS %s) END)",
			x[0], failing(duckType(e.Typ), "DIVISION_BY_ZERO", divisionByZero), div(l, x[0]), duckType(e.Typ))
	})
}

func isZero(v any) bool {
	switch v := v.(type) {
	case int64:
		return v == 0
	case *big.Int:
		return v.Sign() == 0
	}
	return true
}

// arithDecimal leaves sums and products to DuckDB, whose scale is Trino's. It computes
// quotients in binary floats, so these are computed by a function of ours.
func (p *duckPrinter) arithDecimal(e *Arith, l, r string) string {
	t := duckType(e.Typ)
	switch e.Op {
	case Div:
		return fmt.Sprintf("CAST(t_decimal_div(CAST(%s AS VARCHAR), CAST(%s AS VARCHAR), %d) AS %s)", l, r, e.Typ.Scale, t)
	case Mod:
		return p.nonZero(e, l, r, func(l, r string) string { return "(" + l + " % " + r + ")" })
	default:
		return "CAST((" + l + " " + string(e.Op) + " " + r + ") AS " + t + ")"
	}
}

func (p *duckPrinter) arithTemporal(e *Arith, l, r string) string {
	lt, rt := e.L.Type(), e.R.Type()
	switch {
	case lt.IsTemporal() && rt.IsTemporal(): // difference
		if lt.Kind == KindDate {
			return "to_days(CAST(" + l + " - " + r + " AS INTEGER))"
		}
		if max(lt.Precision, rt.Precision) > 3 {
			// An interval has milliseconds.
			return "to_milliseconds(CAST(floor((epoch_us(" + l + ") - epoch_us(" + r + ") + 500) / 1000) AS BIGINT))"
		}
		return fmt.Sprintf("to_microseconds(epoch_us(%s) - epoch_us(%s))", l, r)
	case e.Op == Mul && lt.IsNumeric():
		return p.scaled(r, l, rt, "*")
	case e.Op == Mul || e.Op == Div:
		return p.scaled(l, r, lt, string(e.Op))
	case lt.IsTemporal() || rt.IsTemporal():
		t := lt
		if rt.IsTemporal() {
			t = rt
		}
		s := "(" + l + " " + string(e.Op) + " " + r + ")"
		if t.Kind == KindDate {
			return "CAST(" + s + " AS DATE)"
		}
		if t.Kind == KindTimestampTZ && t.Zone != "" && (lt.Kind == KindIntervalYear || rt.Kind == KindIntervalYear) {
			at := l
			if rt.IsTemporal() {
				at = r
			}
			return p.twice([]string{at}, func(x []string) string {
				a, b := inZone(t.Zone, x[0]), r
				if rt.IsTemporal() {
					a, b = l, a
				}
				return fromZone(t.Zone, "("+a+" "+string(e.Op)+" "+b+")", x[0])
			})
		}
		return s
	default:
		return "(" + l + " " + string(e.Op) + " " + r + ")"
	}
}

// scaled multiplies or divides an interval by a number.
func (p *duckPrinter) scaled(interval, n string, t *Type, op string) string {
	if t.Kind == KindIntervalYear {
		return fmt.Sprintf("to_months(CAST(trunc(%s %s %s) AS INTEGER))", intervalMonths(interval), op, n)
	}
	return fmt.Sprintf("to_milliseconds(CAST(trunc(%s %s %s) AS BIGINT))", intervalMillis(interval), op, n)
}

// intervalMonths is the number of months of an interval year to month.
func intervalMonths(x string) string {
	return "(datepart('year', " + x + ") * 12 + datepart('month', " + x + "))"
}

// intervalMillis is the number of milliseconds of an interval day to second.
func intervalMillis(x string) string { return "epoch_ms(" + x + ")" }
