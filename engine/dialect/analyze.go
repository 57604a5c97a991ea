package dialect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"traillake/engine/dialect/syntax"
)

// Options say against what a query is analyzed.
type Options struct {
	// Catalog resolves tables. Nil knows none.
	Catalog Catalog
	// Now is what now() and all CURRENT_… mean in the query.
	Now time.Time
	// Named are the values of :name parameters. More than one value, or none, can
	// stand in an IN list only.
	Named map[string][]*Literal
	// Positional are the values of ? parameters, from left to right. Where there are as many
	// as with every text '?' these are parameters, too: the widgets of Lake's dashboards have them
	// so (AWS CloudTrail API Reference, "RequestWidget": "? must be surrounded by single
	// quotes" with eventTime).
	Positional []*Literal
	// Limits bound the text. Tests set others than the usual ones.
	Limits syntax.Limits
}

// Analysis is a query with all that is known about it before it runs.
type Analysis struct {
	// Statement is the typed tree.
	Statement *Statement
	// Stores are the stores that the query reads, each once, in the order of the
	// text.
	Stores []StoreUse
	// Lenient are the uses of what Trino would not take; see Leniency.
	Lenient []LenientUse
	// Varies says that the same data may give other rows the next time: by chance, or because
	// the query asks for the moment. What current_date means is the same for a day.
	Varies bool
}

// StoreUse is what a query needs of a store, by all its scans of it.
type StoreUse struct {
	// Store is the name as the catalog knows it.
	Store string
	// Bounds hold the time of all rows that can matter to the query.
	Bounds TimeRange
}

// Analyze reads and checks a query. All errors are an *Error.
func Analyze(text string, o Options) (*Analysis, error) {
	parsed := plainParameters(text, len(o.Positional))
	tree, err := syntax.Parse(parsed, o.Limits)
	if err != nil {
		return nil, err
	}
	a := newAnalyzer(text, o)
	q := a.query(tree, nil)
	a.names(q)
	var toks []syntax.Token
	if len(o.Positional) > 0 || strings.Contains(text[tree.End:], ";") {
		toks = syntax.Lex(parsed)
	}
	a.countParameters(toks)
	if a.err != nil {
		return nil, a.err
	}
	prune(q)
	res := &Analysis{Statement: &Statement{Query: q, Scans: a.scans}, Lenient: a.lenient, Varies: a.varies}
	if n := len(toks); n > 1 && toks[n-2].Key == ";" {
		res.Lenient = append(res.Lenient, LenientUse{LenientSemicolon, toks[n-2].Span})
	}
	slices.SortStableFunc(res.Lenient, func(a, b LenientUse) int { return a.At.Start - b.At.Start })
	res.Lenient = slices.Compact(res.Lenient)
	res.Stores = a.facts(q)
	return res, nil
}

// analyzer keeps what is known across the statement. The first error is kept; what
// comes after it is analyzed without effect, with NULL in the place of what failed.
type analyzer struct {
	text    string
	opts    Options
	err     *Error
	ids     int // of relations, common table expressions and lambda parameters
	scans   []*StoreScan
	times   map[int]int // index of the time column by scan
	lenient []LenientUse
	varies  bool // see Analysis.Varies
	// spans are the places of typed nodes, for errors found later.
	spans map[Expr]syntax.Span
	// with are the common table expressions in sight.
	with  *withScope
	depth int
	// lambdas counts how often one was analyzed, analyzed how often an expression was.
	lambdas, analyzed int
	// subqueries counts the queries around that are values or in EXISTS.
	subqueries int
}

func newAnalyzer(text string, o Options) *analyzer {
	return &analyzer{text: text, opts: o, times: map[int]int{}, spans: map[Expr]syntax.Span{}}
}

// plainParameters writes ? for '?' where there is a value for each of these, too, and changes
// no other place in the text.
func plainParameters(text string, values int) string {
	if values == 0 || !strings.Contains(text, "'?'") {
		return text
	}
	var quoted []syntax.Token
	plain := 0
	for _, t := range syntax.Lex(text) {
		switch {
		case t.Key == "?":
			plain++
		case text[t.Start:t.End] == "'?'":
			quoted = append(quoted, t)
		}
	}
	if values != plain+len(quoted) {
		return text
	}
	b := []byte(text)
	for _, t := range quoted {
		copy(b[t.Start:], " ? ")
	}
	return string(b)
}

// countParameters sees to it that no value is given for which there is no ?.
func (a *analyzer) countParameters(toks []syntax.Token) {
	n := 0
	for _, t := range toks {
		if t.Key == "?" {
			n++
		}
	}
	if given := len(a.opts.Positional); given > n {
		a.fail(syntax.Span{}, CodeInvalidParameter, "", "Incorrect number of parameters: expected %d but found %d", n, given)
	}
}

// fail keeps the first error. Types in its text are written briefly.
func (a *analyzer) fail(at syntax.Span, code Code, hint, format string, args ...any) {
	if a.err != nil {
		return
	}
	for i, arg := range args {
		if t, ok := arg.(*Type); ok {
			args[i] = t.brief()
		}
	}
	a.err = syntax.ErrorAt(a.text, at, code, format, args...)
	a.err.Hint = hint
}

// failed is fail for the analysis of expressions: it gives a node in their place.
func (a *analyzer) failed(at syntax.Span, code Code, hint, format string, args ...any) Expr {
	a.fail(at, code, hint, format, args...)
	return &Literal{Typ: Unknown}
}

// failWith keeps an error of the registry.
func (a *analyzer) failWith(at syntax.Span, err error) {
	var own *Error
	if errors.As(err, &own) {
		if a.err == nil {
			a.err = own
		}
		return
	}
	var f *FunctionError
	if errors.As(err, &f) {
		a.fail(at, Code(f.Code), "", "%s", f.Message)
		return
	}
	a.fail(at, CodeTypeMismatch, "", "%v", err)
}

func (a *analyzer) id() int {
	a.ids++
	return a.ids - 1
}

// note remembers the place of a node.
func (a *analyzer) note(e Expr, at syntax.Span) Expr {
	a.spans[e] = at
	return e
}

// source returns the text of a node.
func (a *analyzer) source(at syntax.Span) string { return a.text[at.Start:at.End] }

// use notes a leniency.
func (a *analyzer) use(l Leniency, at syntax.Span) {
	a.lenient = append(a.lenient, LenientUse{l, at})
}

// names gives the outputs of the whole query names where they have none.
func (a *analyzer) names(q *Query) {
	for i := range q.Columns {
		if q.Columns[i].Name == "" {
			q.Columns[i].Name = fmt.Sprintf("_col%d", i)
		}
	}
}

// facts gathers the stores that the query reads.
func (a *analyzer) facts(q *Query) []StoreUse {
	bounds := a.timeBounds(q)
	var uses []StoreUse
	for _, s := range a.scans {
		i := slices.IndexFunc(uses, func(u StoreUse) bool { return u.Store == s.Store })
		if i < 0 {
			uses = append(uses, StoreUse{Store: s.Store, Bounds: bounds[s.ID]})
		} else {
			uses[i].Bounds = uses[i].Bounds.hull(bounds[s.ID])
		}
	}
	return uses
}
