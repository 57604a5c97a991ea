package dialect

import (
	"strings"

	"traillake/engine/dialect/syntax"
)

// insideAggregate checks that an aggregate or a window function may stand here, and
// returns the analyzer of its arguments.
func (x *exprAnalyzer) insideAggregate(c *syntax.Call, name string, kind FunctionKind) *exprAnalyzer {
	y := *x
	if y.scope != nil && y.scope.outputs != nil {
		// The outputs of a SELECT come after its aggregates.
		y.scope = y.scope.parent
	}
	switch {
	case c.Over == nil && kind == WindowOnly:
		x.fail(c.At(), CodeMissingOver, "write "+name+"(…) OVER (…)", "Window function %s requires an OVER clause", name)
	case c.Over != nil && x.inWindow != "":
		x.fail(c.At(), CodeNestedWindow, "", "Cannot nest window functions or row pattern measures inside window function arguments")
	case c.Over != nil && x.inAggregate != "":
		x.fail(c.At(), CodeNestedWindow, "", "Cannot nest window functions inside aggregation '%s'", x.inAggregate)
	case c.Over == nil && x.inAggregate != "":
		x.fail(c.At(), CodeNestedAggregation, "", "Cannot nest aggregations inside aggregation '%s'", x.inAggregate)
	case c.Over != nil && !x.windows, c.Over == nil && !x.aggregates:
		hint := ""
		if x.where == "WHERE clause" && c.Over == nil {
			hint = "use HAVING"
		} else if c.Over != nil {
			hint = "compute it in a sub-query and use it outside"
		}
		x.fail(c.At(), CodeNotScalar, hint, "%s cannot contain aggregations, window functions or grouping operations: [%s]", x.where, x.source(c.At()))
	}
	if c.Over != nil {
		y.inWindow = name
	} else {
		y.inAggregate = name
	}
	return &y
}

// aggregate makes the node of an aggregate or a window function.
func (x *exprAnalyzer) aggregate(c *syntax.Call, inner *exprAnalyzer, res *Resolution, args []Expr) Expr {
	agg := Agg{Fn: res.Fn, Args: args, Distinct: c.Distinct, Typ: res.Result, Pos: c.Start}
	agg.IgnoreNulls = c.Nulls == syntax.IgnoreNulls
	if c.Nulls != syntax.NullsUnset && (res.Fn.Kind == Aggregate || ranks[res.Fn.Name]) {
		x.fail(c.At(), CodeNullTreatment, "", "Cannot specify null treatment clause for %s function", res.Fn.Name)
	}
	if c.Distinct {
		if res.Fn.Kind == WindowOnly {
			x.fail(c.At(), CodeNotSupported, "", "DISTINCT in window function parameters not yet supported: %s", x.source(c.At()))
		}
		for i, a := range args {
			if !a.Type().Comparable() {
				x.fail(c.Args[i].At(), CodeTypeMismatch, "", "DISTINCT can only be applied to comparable types (actual: %s)", a.Type())
			}
		}
	}
	if c.Filter != nil {
		agg.Filter = inner.condition(c.Filter, "Filter expression must evaluate to a boolean")
	}
	for _, s := range c.OrderBy {
		agg.OrderBy = append(agg.OrderBy, inner.sortKey(s))
	}
	if c.OrderBy != nil && res.Fn.Kind == WindowOnly {
		x.fail(c.At(), CodeNotSupported, "", "Window function with ORDER BY is not supported")
	}
	if c.Distinct {
		for i, s := range agg.OrderBy {
			found := false
			for _, a := range args {
				found = found || sameExpr(a, s.X)
			}
			if !found {
				x.fail(c.OrderBy[i].At(), CodeNotInDistinct, "", "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments")
			}
		}
	}
	if c.Overflow != nil {
		agg.Args = x.listagg(c.Overflow, args)
	}
	if c.Over == nil {
		return &agg
	}
	w := &Window{Agg: agg}
	inner.window(c.Over, w)
	return w
}

// ranks are the window functions of a row's place, which read no values.
var ranks = map[string]bool{"row_number": true, "rank": true, "dense_rank": true, "percent_rank": true, "cume_dist": true, "ntile": true}

// maxFiller is the most bytes that Trino takes as a filler.
const maxFiller = 65_536

// listagg adds to the arguments of LISTAGG its separator, where there is none, and what
// it does with text that grows too long: the filler, and error, count or cut.
func (x *exprAnalyzer) listagg(o *syntax.ListaggOverflow, args []Expr) []Expr {
	if len(args) == 1 {
		args = append(args, textLiteral(""))
	}
	filler, mode := "...", "error"
	if o.Truncate {
		mode = "cut"
		if o.WithCount {
			mode = "count"
		}
	}
	if o.Filler != nil {
		filler = o.Filler.Value
		if len(filler) > maxFiller {
			x.fail(o.Filler.At(), CodeInvalidArguments, "", "Overflow filler length %d exceeds maximum length %d", len(filler), maxFiller)
		}
	}
	return append(args, textLiteral(filler), textLiteral(mode))
}

// sortKey analyzes a key of the order of an aggregate or a window, where numbers are
// no positions.
func (x *exprAnalyzer) sortKey(s syntax.SortItem) SortItem {
	item := SortItem{X: x.expr(s.X), Desc: s.Desc, NullsFirst: s.Nulls == syntax.NullsFirst}
	x.orderable(item.X, s.X.At())
	return item
}

// namedWindow is a definition of the WINDOW clause with what it takes over from those
// that it names.
type namedWindow struct {
	def  *syntax.Window
	base *namedWindow
}

func (a *analyzer) namedWindows(list []syntax.NamedWindow) map[string]*namedWindow {
	named := map[string]*namedWindow{}
	for _, n := range list {
		key := strings.ToLower(n.Name.Name)
		if named[key] != nil {
			a.fail(n.Name.Span, CodeDuplicateWindow, "", "WINDOW name '%s' specified more than once", n.Name.Name)
		}
		w := &namedWindow{def: n.Window}
		if n.Window.Name != nil {
			w.base = a.baseWindow(named, n.Window)
		}
		named[key] = w
	}
	return named
}

// baseWindow finds the window that a definition extends, and checks that it may.
func (a *analyzer) baseWindow(named map[string]*namedWindow, w *syntax.Window) *namedWindow {
	base := named[strings.ToLower(w.Name.Name)]
	if base == nil {
		var known []string
		for n := range named {
			known = append(known, n)
		}
		a.fail(w.Name.Span, CodeInvalidWindowRef, didYouMean(w.Name.Name, known), "Cannot resolve WINDOW name %s", w.Name.Name)
		return nil
	}
	if w.Bare {
		return base
	}
	switch {
	case w.PartitionBy != nil:
		a.fail(w.At(), CodeInvalidPartitionBy, "", "WINDOW specification with named WINDOW reference cannot specify PARTITION BY")
	case w.OrderBy != nil && base.hasOrder():
		a.fail(w.At(), CodeInvalidOrderBy, "", "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY")
	case base.hasFrame():
		a.fail(w.At(), CodeInvalidWindowRef, "", "Cannot reference named WINDOW containing frame specification")
	}
	return base
}

func (n *namedWindow) hasOrder() bool {
	return n.def.OrderBy != nil || n.base != nil && n.base.hasOrder()
}

func (n *namedWindow) hasFrame() bool {
	return n.def.Frame != nil || n.base != nil && n.base.hasFrame()
}

// window analyzes OVER into w.
func (x *exprAnalyzer) window(over *syntax.Window, w *Window) {
	var chain []*syntax.Window
	if !over.Bare {
		chain = append(chain, over)
	}
	if over.Name != nil {
		for n := x.baseWindow(x.named, over); n != nil; n = n.base {
			chain = append(chain, n.def)
		}
	}
	name := w.Fn.Name
	var frame *syntax.Frame
	for i := len(chain) - 1; i >= 0; i-- {
		d := chain[i]
		for _, p := range d.PartitionBy {
			e := x.expr(p)
			if !e.Type().Comparable() {
				x.fail(p.At(), CodeTypeMismatch, "", "%s is not comparable, and therefore cannot be used in window function PARTITION BY", e.Type())
			}
			w.PartitionBy = append(w.PartitionBy, e)
		}
		for _, s := range d.OrderBy {
			w.Order = append(w.Order, x.sortKey(s))
		}
		if d.Frame != nil {
			frame = d.Frame
		}
	}
	offset := name == "lag" || name == "lead"
	if offset && len(w.Order) == 0 {
		x.fail(over.At(), CodeMissingOrderBy, "", "%s function requires an ORDER BY window clause", name)
	}
	if frame != nil {
		if offset || ranks[name] {
			x.fail(frame.At(), CodeInvalidWindowFrame, "", "Cannot specify window frame for %s function", name)
		}
		w.Frame = x.frame(frame, w)
	}
}

func (x *exprAnalyzer) frame(f *syntax.Frame, w *Window) *Frame {
	res := &Frame{Unit: FrameUnit(f.Unit), Start: Bound{Kind: BoundKind(f.Start.Kind)}, End: Bound{Kind: BoundKind(f.End.Kind)}}
	bad := func(format string, args ...any) { x.fail(f.At(), CodeInvalidWindowFrame, "", format, args...) }
	switch {
	case f.Start.Kind == syntax.UnboundedFollowing:
		bad("Window frame start cannot be UNBOUNDED FOLLOWING")
	case f.End.Kind == syntax.UnboundedPreceding:
		bad("Window frame end cannot be UNBOUNDED PRECEDING")
	case f.Start.Kind == syntax.CurrentRow && f.End.Kind == syntax.Preceding:
		bad("Window frame starting from CURRENT ROW cannot end with PRECEDING")
	case f.Start.Kind == syntax.Following && f.End.Kind == syntax.Preceding:
		bad("Window frame starting from FOLLOWING cannot end with PRECEDING")
	case f.Start.Kind == syntax.Following && f.End.Kind == syntax.CurrentRow:
		bad("Window frame starting from FOLLOWING cannot end with CURRENT ROW")
	}
	values := f.Start.Value != nil || f.End.Value != nil
	if f.Unit == syntax.FrameGroups && values && len(w.Order) == 0 {
		x.fail(f.At(), CodeMissingOrderBy, "", "Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY")
	}
	if f.Unit == syntax.FrameRange && values && len(w.Order) != 1 {
		code := CodeInvalidOrderBy
		if len(w.Order) == 0 {
			code = CodeMissingOrderBy
		}
		x.fail(f.At(), code, "", "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: %d)", len(w.Order))
		return res
	}
	res.Start.Value = x.bound(f.Start, f, w)
	res.End.Value = x.bound(f.End, f, w)
	return res
}

func (x *exprAnalyzer) bound(b syntax.Bound, f *syntax.Frame, w *Window) Expr {
	if b.Value == nil {
		return nil
	}
	v := x.expr(b.Value)
	if below(v) {
		return x.failed(b.Value.At(), CodeInvalidWindowFrame, "", frameOffset)
	}
	if f.Unit != syntax.FrameRange {
		if !v.Type().IsInteger() {
			return x.failed(b.Value.At(), CodeTypeMismatch, "", "Window frame %s value type must be exact numeric type with scale 0 (actual %s)", f.Unit, v.Type())
		}
		return x.coerce(v, Bigint)
	}
	key := w.Order[0].X.Type()
	_, rt, _, ok := Arithmetic(Sub, key, v.Type())
	if !ok || v.Type().Kind == KindUnknown || !key.IsNumeric() && !key.IsTemporal() {
		return x.failed(b.Value.At(), CodeTypeMismatch, "", "Window frame of type RANGE does not match types of the ORDER BY column and frame bound: %s and %s", key, v.Type())
	}
	return x.coerce(v, rt)
}

const frameOffset = "Window frame offset value must not be negative or null"

// below says whether a constant is less than nothing.
func below(e Expr) bool {
	if l, ok := uncast(e).(*Literal); ok && !l.Typ.IsNumeric() { // an interval
		n, _ := l.Value.(int64)
		return n < 0
	}
	n, ok := constantNumber(e)
	return ok && n < 0
}
