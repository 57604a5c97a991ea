package dialect

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"traillake/engine/dialect/scalar"
	"traillake/engine/dialect/syntax"
)

// constants checks the constant arguments of a call: what is known to fail is said with its
// place, and before anything is read.
func (x *exprAnalyzer) constants(fn *Overload, args []Expr, places []syntax.Expr) {
	switch fn.Name {
	case "approx_percentile":
		last := len(args) - 1
		x.checkPercentile(args[last], places[last])
	case "date_add", "date_diff", "date_trunc":
		x.checkUnit(args[0], args[len(args)-1].Type(), places[0])
		if fn.Name == "date_add" {
			x.checkAmount(args[0], args[1], places[1])
		}
	case "from_unixtime":
		x.checkSeconds(args[0], places[0])
	case "json_extract", "json_extract_scalar", "json_size":
		x.checkPath(args[1], places[1])
	case "regexp_count", "regexp_extract", "regexp_extract_all", "regexp_like", "regexp_position", "regexp_replace", "regexp_split":
		x.checkPattern(args[1], places[1])
		if strings.HasPrefix(fn.Name, "regexp_extract") && len(args) > 2 {
			x.checkGroup(args[1], args[2], places[2])
		}
	}
}

// checkPercentile refuses percentiles beyond 1, which is how percents are written.
func (x *exprAnalyzer) checkPercentile(e Expr, at syntax.Expr) {
	if list, ok := e.(*ArrayCtor); ok {
		for i, elem := range list.Elems {
			place := at
			if c, ok := at.(*syntax.ArrayCtor); ok {
				place = c.Elems[i]
			}
			if isNull(elem) {
				x.fail(place.At(), CodeInvalidArguments, "", "Percentile cannot be null")
			}
			x.checkPercentile(elem, place)
		}
		return
	}
	if !isConstant(e) {
		x.fail(at.At(), CodeNotSupported, "write the number, or an array of numbers", "Percentile must be a constant")
		return
	}
	p, ok := constantNumber(e)
	if !ok || 0 <= p && p <= 1 {
		return
	}
	hint := ""
	if p > 1 && p <= 100 {
		hint = "write " + strconv.FormatFloat(p/100, 'g', 6, 64) + " for the " + ordinal(p)
	}
	x.fail(at.At(), CodeInvalidArguments, hint, "Percentile must be between 0 and 1")
}

// isConstant says whether an expression has one value in all rows, which the database can find
// before it runs.
func isConstant(e Expr) bool {
	constant := true
	walkExpr(e, func(e Expr) {
		switch e := e.(type) {
		case *Call:
			constant = constant && !e.Fn.Varies
		case *ColRef, *GroupRef, *AggRef, *Agg, *Window, *groupingCall, *GroupingRef, *OutputRef, *ScalarQuery, *Exists, *InQuery, *Quantified:
			constant = false
		}
	})
	return constant
}

// isNull says whether an expression is NULL, of whatever type.
func isNull(e Expr) bool {
	for {
		c, ok := e.(*Cast)
		if !ok {
			break
		}
		e = c.X
	}
	l, ok := e.(*Literal)
	return ok && l.Value == nil
}

// ordinal writes 95 as 95th.
func ordinal(n float64) string {
	s := strconv.FormatFloat(n, 'g', 6, 64)
	if n < 10 || n > 20 {
		switch s[len(s)-1] {
		case '1':
			return s + "st"
		case '2':
			return s + "nd"
		case '3':
			return s + "rd"
		}
	}
	return s + "th"
}

// constantNumber returns the value of a number that is written out, or computed of such.
func constantNumber(e Expr) (float64, bool) {
	switch e := e.(type) {
	case *Literal:
		if e.Value == nil || !e.Typ.IsNumeric() {
			return 0, false
		}
		if f, ok := e.Value.(float64); ok {
			return f, true
		}
		if c := convert(e, Double); c != nil {
			return c.Value.(float64), true
		}
	case *Cast:
		if e.Implicit {
			return constantNumber(e.X)
		}
	case *Negate:
		n, ok := constantNumber(e.X)
		return -n, ok
	case *Arith:
		l, ok1 := constantNumber(e.L)
		r, ok2 := constantNumber(e.R)
		whole := e.Typ.IsInteger()
		switch {
		case !ok1 || !ok2:
		case e.Op == Add:
			return l + r, true
		case e.Op == Sub:
			return l - r, true
		case e.Op == Mul:
			return l * r, true
		case e.Op == Div && r != 0 && !whole:
			return l / r, true
		}
	}
	return 0, false
}

// checkUnit refuses units that a type does not have.
func (x *exprAnalyzer) checkUnit(e Expr, of *Type, at syntax.Expr) {
	unit, ok := textOf(uncast(e))
	if ok && !slices.Contains(unitsFor(of), strings.ToLower(unit)) {
		x.fail(at.At(), CodeInvalidArguments, unitHint(of), "'%s' is not a valid %s field", unit, fieldKind(of))
	}
}

func unitHint(of *Type) string {
	units := unitsFor(of)
	last := len(units) - 1
	return "the units are " + strings.Join(units[:last], ", ") + " and " + units[last] + ", in the singular"
}

// unitSteps are the days or months of a unit, which the database keeps in 32 bits.
var unitSteps = map[string]float64{"day": 1, "week": 7, "month": 1, "quarter": 3, "year": 12}

// checkAmount refuses to add more than the database can.
func (x *exprAnalyzer) checkAmount(unit, e Expr, at syntax.Expr) {
	name, ok1 := textOf(uncast(unit))
	n, ok2 := constantNumber(e)
	if ok1 && ok2 && math.Abs(n)*unitSteps[strings.ToLower(name)] > math.MaxInt32 && !x.inTry {
		x.fail(at.At(), CodeOutOfRange, tooManyUnits, "date or time out of range")
	}
}

const (
	tooManyUnits = "date_add adds too many of its unit"
	wantsSeconds = "from_unixtime takes seconds: divide milliseconds by 1000, and microseconds by 1000000"
)

// maxSeconds is the last second whose microseconds fit 64 bits.
const maxSeconds = (1<<63 - 1) / 1_000_000

// checkSeconds refuses times that are too far for the database.
func (x *exprAnalyzer) checkSeconds(e Expr, at syntax.Expr) {
	if n, ok := constantNumber(e); ok && math.Abs(n) > maxSeconds && !x.inTry {
		x.fail(at.At(), CodeOutOfRange, wantsSeconds, "timestamp out of range: %s seconds", strconv.FormatFloat(n, 'f', -1, 64))
	}
}

// checkPath checks JSON paths, and notes hyphens in them (L5).
func (x *exprAnalyzer) checkPath(e Expr, at syntax.Expr) {
	l, ok := e.(*Literal)
	if !ok || l.Value == nil {
		return
	}
	path := l.Value.(string)
	if _, err := ParseJSONPath(path); err != nil {
		x.fail(at.At(), CodeInvalidArguments, "a path is $ and then .name, [0] or [\"name\"]", "Invalid JSON path: '%s'", path)
		return
	}
	quoted := false
	for _, r := range path {
		switch r {
		case '"':
			quoted = !quoted
		case '-':
			if !quoted {
				x.use(LenientJSONPath, at.At())
				return
			}
		}
	}
}

// checkPattern refuses regular expressions of which it can be said what is wrong with them.
// The others fail when they are used, for it may be that Trino takes them.
func (x *exprAnalyzer) checkPattern(e Expr, at syntax.Expr) {
	pattern, ok := textOf(uncast(e))
	if !ok || x.inTry {
		return
	}
	if _, ok := nativeRegexp(pattern); ok {
		return
	}
	if reason := scalar.PatternMistake(pattern); reason != "" {
		x.fail(at.At(), CodeInvalidArguments, reason, "Invalid regular expression: %s", pattern)
	}
}

// checkGroup refuses groups that a regular expression does not have.
func (x *exprAnalyzer) checkGroup(pattern, group Expr, at syntax.Expr) {
	text, isText := textOf(uncast(pattern))
	n, isNumber := constantNumber(group)
	groups, ok := scalar.PatternGroups(text)
	if !isText || !isNumber || !ok || x.inTry || 0 <= n && n <= float64(groups) {
		return
	}
	hint := "group 0 is the whole match"
	if groups == 0 {
		hint = "a group is what stands in (); 0 is the whole match"
	}
	x.fail(at.At(), CodeInvalidArguments, hint, "Pattern has %d groups. Cannot access group %d", groups, int64(n))
}
