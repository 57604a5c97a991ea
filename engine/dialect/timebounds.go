package dialect

import (
	"strings"
	"time"

	"traillake/engine/dialect/scalar"
)

// TimeRange is the times From ≤ t < To. A zero time leaves its side open.
type TimeRange struct{ From, To time.Time }

// Empty says whether no time is in the range.
func (r TimeRange) Empty() bool { return !r.From.IsZero() && !r.To.IsZero() && !r.From.Before(r.To) }

// intersect returns the times in both ranges.
func (r TimeRange) intersect(o TimeRange) TimeRange {
	if r.From.IsZero() || o.From.After(r.From) {
		r.From = o.From
	}
	if r.To.IsZero() || !o.To.IsZero() && o.To.Before(r.To) {
		r.To = o.To
	}
	return r
}

// hull returns the least range that holds both.
func (r TimeRange) hull(o TimeRange) TimeRange {
	switch {
	case r.Empty():
		return o
	case o.Empty():
		return r
	}
	if o.From.IsZero() || o.From.Before(r.From) {
		r.From = o.From
	}
	if o.To.IsZero() || !r.To.IsZero() && o.To.After(r.To) {
		r.To = o.To
	}
	return r
}

// timeColumn is a column of a relation.
type timeColumn struct{ rel, index int }

// bounder finds, for each scan, the range of time that can matter.
//
// A condition on a column bounds the scan that the column comes from: rows outside of
// the range would be left out by the condition in any case. That holds across joins of
// any kind, because a range is never true of NULL, which outer joins put in the place
// of missing rows. It does not hold across what looks at several rows: limits, window
// functions, samples, and aggregates where the column is no grouping key.
type bounder struct {
	times  map[int]int // index of the time column by scan
	bounds map[int]TimeRange
	// ctes gathers what the references to a common table expression ask of its
	// columns: the hull of all references, by column.
	ctes map[int]*cteBounds
}

type cteBounds struct {
	refs int
	cols map[int]TimeRange
}

// timeBounds returns the bounds of all scans by their ids.
func (a *analyzer) timeBounds(q *Query) map[int]TimeRange {
	b := &bounder{times: a.times, bounds: map[int]TimeRange{}, ctes: map[int]*cteBounds{}}
	b.query(q, nil)
	return b.bounds
}

// query bounds the scans of a query, of whose outputs want gives ranges.
func (b *bounder) query(q *Query, want map[int]TimeRange) {
	if q.Limit != nil || q.Offset != nil {
		want = nil
	}
	for _, c := range q.With {
		b.ctes[c.ID] = &cteBounds{}
	}
	switch body := q.Body.(type) {
	case *Query:
		b.query(body, want)
	case *SetOp:
		left, right := want, want
		for i, t := range body.Types {
			// A side of another type is cast; its values are not those of the output.
			if _, ok := want[i]; ok && !timelike(t) {
				left, right = nil, nil
			}
		}
		b.query(body.Left, left)
		b.query(body.Right, right)
	case *Select:
		b.selectBody(body, want)
	case *Values:
		for _, r := range body.Rows {
			b.exprs(r...)
		}
	}
	for _, s := range q.OrderBy {
		b.exprs(s.X)
	}
	// Later ones may refer to earlier ones, so those come last.
	for i := len(q.With) - 1; i >= 0; i-- {
		c := q.With[i]
		var want map[int]TimeRange
		if !c.Recursive {
			want = b.ctes[c.ID].cols
		}
		b.query(c.Query, want)
	}
}

// exprs bounds the scans of the queries inside of expressions.
func (b *bounder) exprs(list ...Expr) {
	for _, e := range list {
		if e == nil {
			continue
		}
		walkExpr(e, func(x Expr) {
			if q := subquery(x); q != nil {
				b.query(q, nil)
			}
		})
	}
}

func (b *bounder) selectBody(s *Select, want map[int]TimeRange) {
	cols := map[timeColumn]TimeRange{}
	windows := false
	for _, e := range s.Items {
		walkExpr(e, func(x Expr) {
			if _, ok := x.(*Window); ok {
				windows = true
			}
		})
	}
	if !windows {
		for i, r := range want {
			if c, ok := source(s, s.Items[i]); ok {
				narrow(cols, c, r)
			}
		}
	}
	conditions(s.Where, cols)
	// HAVING on a grouping key is a condition on the rows.
	if s.Group != nil && s.Group.Sets == nil {
		having(s, cols)
	}
	b.exprs(s.Items...)
	b.exprs(s.Where, s.Having)
	if g := s.Group; g != nil {
		b.exprs(g.Keys...)
		for _, x := range g.Aggs {
			b.exprs(x)
		}
	}
	b.relation(s.From, cols)
}

// source returns the column of FROM that an output is, if it is one.
func source(s *Select, e Expr) (timeColumn, bool) {
	if g, ok := e.(*GroupRef); ok && s.Group != nil && s.Group.Sets == nil {
		e = s.Group.Keys[g.Index]
	}
	e, floor, ok := timeOf(e)
	c, isCol := e.(*ColRef)
	if !ok || floor != 0 || !isCol {
		return timeColumn{}, false
	}
	return timeColumn{c.Rel, c.Index}, true
}

// having takes the conditions of HAVING on grouping keys.
func having(s *Select, cols map[timeColumn]TimeRange) {
	if s.Having == nil {
		return
	}
	for i, key := range s.Group.Keys {
		c, ok := source(s, key)
		if !ok {
			continue
		}
		isKey := func(e Expr) bool { g, ok := e.(*GroupRef); return ok && g.Index == i }
		if r, ok := rangeOf(s.Having, isKey); ok {
			narrow(cols, c, r)
		}
	}
}

func narrow(cols map[timeColumn]TimeRange, c timeColumn, r TimeRange) {
	cols[c] = cols[c].intersect(r)
}

// conditions takes the ranges that a condition allows of the columns in it.
func conditions(e Expr, cols map[timeColumn]TimeRange) {
	if e == nil {
		return
	}
	seen := map[timeColumn]bool{}
	walkExpr(e, func(x Expr) {
		c, ok := x.(*ColRef)
		if !ok || !timelike(c.Typ) {
			return
		}
		at := timeColumn{c.Rel, c.Index}
		if seen[at] {
			return
		}
		seen[at] = true
		is := func(e Expr) bool { c, ok := e.(*ColRef); return ok && c.Rel == at.rel && c.Index == at.index }
		if r, ok := rangeOf(e, is); ok {
			narrow(cols, at, r)
		}
	})
}

// timelike says whether values of a type are times with a date.
func timelike(t *Type) bool {
	return t.Kind == KindTimestamp || t.Kind == KindTimestampTZ || t.Kind == KindDate
}

// relation bounds the scans of a relation, of whose columns cols gives ranges.
func (b *bounder) relation(r Relation, cols map[timeColumn]TimeRange) {
	outputs := func(id, n int) map[int]TimeRange {
		want := map[int]TimeRange{}
		for i := range n {
			if r, ok := cols[timeColumn{id, i}]; ok {
				want[i] = r
			}
		}
		return want
	}
	switch r := r.(type) {
	case *StoreScan:
		if i := b.times[r.ID]; i >= 0 {
			b.bounds[r.ID] = cols[timeColumn{r.ID, i}]
		}
	case *Derived:
		b.query(r.Query, outputs(r.ID, len(r.Columns)))
	case *CTERef:
		b.reference(r, outputs(r.ID, len(r.Columns)))
	case *Unnest:
		for _, a := range r.Args {
			b.exprs(a.X)
		}
	case *Join:
		b.exprs(r.On)
		left, right := cols, cols
		switch r.Kind {
		case Inner:
			left = withConditions(cols, r.On)
			right = left
		case Left:
			right = withConditions(cols, r.On)
		case Right:
			left = withConditions(cols, r.On)
		}
		b.relation(r.Left, left)
		b.relation(r.Right, right)
	case *Sample:
		b.relation(r.Rel, map[timeColumn]TimeRange{})
	}
}

// withConditions returns the ranges with those of a join's condition.
func withConditions(cols map[timeColumn]TimeRange, on Expr) map[timeColumn]TimeRange {
	more := make(map[timeColumn]TimeRange, len(cols))
	for c, r := range cols {
		more[c] = r
	}
	conditions(on, more)
	return more
}

// reference adds what one reference asks of a common table expression.
func (b *bounder) reference(r *CTERef, want map[int]TimeRange) {
	c := b.ctes[r.CTE.ID]
	if c == nil {
		return // a recursive one, inside of itself
	}
	if c.refs == 0 {
		c.cols = want
	} else {
		for i, have := range c.cols {
			if w, ok := want[i]; ok {
				c.cols[i] = have.hull(w)
			} else {
				delete(c.cols, i)
			}
		}
	}
	c.refs++
}

// rangeOf returns the range of times that a condition allows of the expression that
// is says; ok is false where it says nothing about it.
func rangeOf(e Expr, is func(Expr) bool) (r TimeRange, ok bool) {
	switch e := e.(type) {
	case *Logic:
		all := true
		for i, x := range e.Args {
			part, known := rangeOf(x, is)
			switch {
			case !known:
				all = false
			case e.Or && i > 0:
				r = r.hull(part)
			default:
				r = r.intersect(part)
			}
			ok = ok || known
		}
		return r, ok && (all || !e.Or)
	case *Compare:
		if r, ok := compareRange(e.Op, e.L, e.R, is); ok {
			return r, true
		}
		return compareRange(flipped[e.Op], e.R, e.L, is)
	case *Between:
		if e.Not {
			return r, false
		}
		low, ok1 := compareRange(GE, e.X, e.Low, is)
		high, ok2 := compareRange(LE, e.X, e.High, is)
		return low.intersect(high), ok1 || ok2
	case *In:
		if e.Not {
			return r, false
		}
		for i, v := range e.List {
			one, known := compareRange(EQ, e.X, v, is)
			if !known {
				return TimeRange{}, false
			}
			if i == 0 {
				r = one
			} else {
				r = r.hull(one)
			}
		}
		return r, true
	}
	return r, false
}

// compareRange is rangeOf for x OP value, where x is the expression, or a time that it
// is rounded down to.
func compareRange(op CompareOp, x, value Expr, is func(Expr) bool) (TimeRange, bool) {
	base, step, ok := timeOf(x)
	if !ok || !is(base) {
		return TimeRange{}, false
	}
	v, ok := evalTime(value)
	if !ok {
		return TimeRange{}, false
	}
	// A rounded x lies at most step above its value, or is it.
	const grain = time.Microsecond
	over := max(step, grain)
	switch op {
	case EQ:
		return TimeRange{v, v.Add(over)}, true
	case LT:
		return TimeRange{To: v.Add(step)}, true
	case LE:
		return TimeRange{To: v.Add(over)}, true
	case GT:
		return TimeRange{From: v.Add(grain)}, true
	case GE:
		return TimeRange{From: v}, true
	}
	return TimeRange{}, false
}

const day = 24 * time.Hour

// truncations are the longest that the units of date_trunc last.
var truncations = map[string]time.Duration{
	"millisecond": time.Millisecond, "second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": day,
	"week": 7 * day, "month": 31 * day, "quarter": 92 * day, "year": 366 * day,
}

// timeOf takes off casts and roundings that leave a time the same, or round it down by
// less than step.
func timeOf(e Expr) (base Expr, step time.Duration, ok bool) {
	for {
		if t := e.Type(); !timelike(t) || t.Zone != "" {
			return e, step, false
		}
		switch x := e.(type) {
		case *Cast:
			from := x.X.Type()
			if !timelike(from) || x.Try {
				return e, step, true
			}
			switch {
			case x.To.Kind == KindDate && from.Kind != KindDate:
				step += day
			case x.To.Kind != KindDate && from.Kind != KindDate && x.To.Precision < from.Precision:
				return e, step, true // it is rounded, perhaps up
			}
			e = x.X
		case *Call:
			switch {
			case x.Fn.Name == "date" && len(x.Args) == 1 && timelike(x.Args[0].Type()):
				step += day
				e = x.Args[0]
			case x.Fn.Name == "date_trunc" && len(x.Args) == 2:
				unit, ok := x.Args[0].(*Literal)
				if !ok {
					return e, step, true
				}
				name, _ := unit.Value.(string)
				d, ok := truncations[strings.ToLower(name)]
				if !ok {
					return e, step, true
				}
				step += d
				e = x.Args[1]
			default:
				return e, step, true
			}
		default:
			return e, step, true
		}
	}
}

// evalTime computes a constant time, as UTC.
func evalTime(e Expr) (time.Time, bool) {
	t := e.Type()
	if !timelike(t) {
		return time.Time{}, false
	}
	switch e := e.(type) {
	case *Literal:
		v, ok := e.Value.(int64)
		if !ok {
			return time.Time{}, false
		}
		if t.Kind == KindDate {
			v *= microsPerDay
		}
		at := time.UnixMicro(v).UTC()
		// Others cannot be compared with Go's times, and no event has them.
		return at, at.Year() > 0 && at.Year() < 10_000
	case *Cast:
		return evalCast(e)
	case *Arith:
		return evalArith(e)
	case *Call:
		return evalCall(e)
	case *AtTimeZone:
		return evalTime(e.X)
	}
	return time.Time{}, false
}

func evalCast(e *Cast) (time.Time, bool) {
	from := e.X.Type()
	if from.Kind == KindVarchar {
		text, ok := evalText(e.X)
		if !ok {
			return time.Time{}, false
		}
		lit, ok := parseTimestamp(text)
		if !ok || lit.Typ.Kind == KindTimestampTZ && e.To.Kind != KindTimestampTZ {
			return time.Time{}, false
		}
		micros := lit.Value.(int64)
		if e.To.Kind != KindDate && !fractionFits(micros, e.To.Precision) {
			return time.Time{}, false // it is rounded, perhaps up
		}
		at := time.UnixMicro(micros).UTC()
		if e.To.Kind == KindDate {
			at = at.Truncate(day)
		}
		return at, true
	}
	at, ok := evalTime(e.X)
	if !ok || from.Zone != "" && e.To.Kind != KindTimestampTZ {
		return at, false
	}
	switch {
	case e.To.Kind == KindDate:
		return at.Truncate(day), true
	case from.Kind != KindDate && e.To.Precision < min(from.Precision, 6):
		return at, false
	}
	return at, true
}

// evalText computes a constant text, as far as times are written so.
func evalText(e Expr) (string, bool) {
	switch e := e.(type) {
	case *Literal:
		text, ok := e.Value.(string)
		return text, ok
	case *Call:
		if e.Fn.Name != "date_format" || len(e.Args) != 2 || e.Args[0].Type().Zone != "" {
			return "", false
		}
		at, ok := evalTime(e.Args[0])
		format, constant := evalText(e.Args[1])
		if !ok || !constant {
			return "", false
		}
		if e.Args[0].Type().Precision > 3 { // see toMillis
			at = at.Add(500 * time.Microsecond).Truncate(time.Millisecond)
		}
		text, err := scalar.DateFormat(at, format)
		return text, err == nil
	}
	return "", false
}

func evalArith(e *Arith) (time.Time, bool) {
	x, y := e.L, e.R
	if e.Op == Add && !timelike(x.Type()) {
		x, y = y, x
	}
	at, ok := evalTime(x)
	l, isLit := y.(*Literal)
	if !ok || !isLit || e.Op != Add && e.Op != Sub || x.Type().Zone != "" {
		return at, false
	}
	n, ok := l.Value.(int64)
	if !ok {
		return at, false
	}
	if e.Op == Sub {
		n = -n
	}
	switch l.Typ.Kind {
	case KindIntervalDay:
		return shift(at, "millisecond", n)
	case KindIntervalYear:
		return shift(at, "month", n)
	}
	return at, false
}

func evalCall(e *Call) (time.Time, bool) {
	switch {
	case e.Fn.Name == "date" && len(e.Args) == 1:
		return evalCast(&Cast{X: e.Args[0], To: Date})
	case e.Fn.Name == "date_add" && len(e.Args) == 3:
		unit, ok1 := e.Args[0].(*Literal)
		n, ok2 := e.Args[1].(*Literal)
		at, ok3 := evalTime(e.Args[2])
		if !ok1 || !ok2 || !ok3 || e.Args[2].Type().Zone != "" {
			return at, false
		}
		name, ok1 := unit.Value.(string)
		count, ok2 := n.Value.(int64)
		name = strings.ToLower(name)
		if !ok1 || !ok2 || name == "millisecond" && e.Typ.Kind != KindDate && e.Typ.Precision < 3 {
			return at, false // the last is rounded, perhaps up
		}
		return shift(at, name, count)
	case e.Fn.Name == "date_trunc" && len(e.Args) == 2:
		unit, ok1 := e.Args[0].(*Literal)
		at, ok2 := evalTime(e.Args[1])
		if !ok1 || !ok2 || e.Args[1].Type().Zone != "" {
			return at, false
		}
		name, _ := unit.Value.(string)
		return truncate(at, strings.ToLower(name))
	case e.Fn.Name == "from_iso8601_timestamp" && len(e.Args) == 1:
		l, ok := e.Args[0].(*Literal)
		if !ok || l.Value == nil {
			return time.Time{}, false
		}
		at, err := scalar.ParseISO(l.Value.(string))
		return at, err == nil && at.Year() > 0 && at.Year() < 10_000
	}
	return time.Time{}, false
}

// shift moves a time by n units as date_add does: a day of a month that the new month
// does not have becomes its last.
func shift(at time.Time, unit string, n int64) (time.Time, bool) {
	const most = 4_000_000_000_000 // milliseconds, and more of anything else than counts
	if n > most || n < -most {
		return at, false
	}
	d := map[string]time.Duration{"millisecond": time.Millisecond, "second": time.Second, "minute": time.Minute,
		"hour": time.Hour, "day": day, "week": 7 * day}[unit]
	if d != 0 {
		if n > int64(1<<62)/int64(d) || n < -int64(1<<62)/int64(d) {
			return at, false
		}
		return at.Add(time.Duration(n) * d), true
	}
	months := map[string]int64{"month": 1, "quarter": 3, "year": 12}[unit] * n
	if months == 0 && n != 0 || months > 120_000 || months < -120_000 {
		return at, false
	}
	first := time.Date(at.Year(), at.Month()+time.Month(months), 1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return first.AddDate(0, 0, min(at.Day(), last)-1), true
}

// truncate rounds a time down to its unit.
func truncate(at time.Time, unit string) (time.Time, bool) {
	date := func(y int, m time.Month, d int) (time.Time, bool) {
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), true
	}
	switch unit {
	case "millisecond", "second", "minute", "hour", "day":
		return at.Truncate(truncations[unit]), true
	case "week":
		return date(at.Year(), at.Month(), at.Day()-(int(at.Weekday())+6)%7)
	case "month":
		return date(at.Year(), at.Month(), 1)
	case "quarter":
		return date(at.Year(), (at.Month()-1)/3*3+1, 1)
	case "year":
		return date(at.Year(), 1, 1)
	}
	return at, false
}
