package dialect

import (
	"slices"
	"strings"
)

// Blame returns the byte of the text at which the expression stands that failed, and what to write
// instead. o is what the statement was printed with, said what DuckDB said, and code and message are what
// RuntimeError made of that. The database does not tell
// which expression it was, so that at is -1 unless only one can have failed in this way, and hint is
// empty unless all that can are to be written in the same other way.
func (s *Statement) Blame(o DuckOptions, said, code, message string) (at int, hint string) {
	if message == queryInJoin {
		return s.queriedJoin(o), ""
	}
	var could []suspect
	walkQuery(s.Query, func(e Expr) {
		if c, ok := suspected(e, code, message); ok && !slices.Contains(could, c) {
			could = append(could, c)
		}
	})
	if raiser := raiser(said); len(could) == 0 && raiser != "" {
		return traced(s, o, raiser), ""
	}
	at = -1
	for i, c := range could {
		switch {
		case i == 0:
			at, hint = c.pos, c.hint
		case c.pos != at:
			at = -1
		}
		if c.hint != hint {
			hint = ""
		}
	}
	return at, hint
}

// trace finds the expressions that print a text.
type trace struct {
	text   string
	within int // how often it stands in what was printed within the expression being printed
	found  []int
}

// of prints an expression. Where its SQL has the text more often than those within it, it is one that
// prints it itself, or one of those twice: then it is not known which.
func (t *trace) of(e Expr, print func() string) string {
	before := t.within
	t.within = 0
	s := print()
	n := strings.Count(s, t.text)
	if n > t.within {
		pos := -1
		switch e := e.(type) {
		case *Call:
			pos = e.Pos
		case *Cast:
			pos = e.Pos
		}
		if !slices.Contains(t.found, pos) {
			t.found = append(t.found, pos)
		}
	}
	t.within = before + n
	return s
}

// traced returns where the only expression stands that prints a text, or -1.
func traced(s *Statement, o DuckOptions, text string) int {
	p := newDuckPrinter(o)
	p.trace = &trace{text: text}
	if p.query(s.Query, nil); p.err != nil || len(p.trace.found) != 1 {
		return -1
	}
	return p.trace.found[0]
}

// queriedJoin returns where the only condition of an outer join stands whose queries DuckDB may not take, or -1.
func (s *Statement) queriedJoin(o DuckOptions) int {
	p := newDuckPrinter(o)
	if p.query(s.Query, nil); len(p.queried) != 1 {
		return -1
	}
	return p.queried[0]
}

// suspect is an expression that can have failed, and what to write instead.
type suspect struct {
	pos  int
	hint string
}

// suspected says whether an expression can have failed with an error.
func suspected(e Expr, code, message string) (suspect, bool) {
	switch {
	case code == "DIVISION_BY_ZERO":
		pos := -1
		switch e := e.(type) {
		case *Arith:
			if e.Op == Div || e.Op == Mod {
				pos = e.Pos
			}
		case *Call:
			if e.Fn.Name == "mod" {
				pos = e.Pos
			}
		}
		return suspect{pos, "NULLIF(divisor, 0) makes it NULL"}, pos >= 0
	case strings.HasPrefix(message, "Key not present in map"):
		pos := subscriptOf(e, KindMap)
		return suspect{pos, "element_at(map, key) gives NULL instead"}, pos >= 0
	case strings.HasPrefix(message, "Array subscript"):
		pos := subscriptOf(e, KindArray)
		return suspect{pos, "element_at(array, index) gives NULL instead"}, pos >= 0
	case strings.HasPrefix(message, "Invalid regular expression"):
		c, ok := e.(*Call)
		if !ok || !strings.HasPrefix(c.Fn.Name, "regexp_") {
			return suspect{}, false
		}
		return suspect{c.Pos, ""}, true
	case code == "INVALID_CAST_ARGUMENT", strings.HasPrefix(message, "Out of range for "):
		// What is cast unasked cannot fail, but for text.
		if c, ok := e.(*Cast); ok && !c.Try && (!c.Implicit || c.X.Type().Kind == KindVarchar) {
			return suspect{c.Pos, "TRY_CAST gives NULL instead"}, true
		}
		if strings.HasPrefix(message, "Out of range for ") {
			return tooFar(e)
		}
	case code == "NUMERIC_VALUE_OUT_OF_RANGE":
		if a, ok := e.(*Arith); ok && a.Typ.Kind != KindDouble && (strings.Contains(message, overflows[a.Op]) || !strings.Contains(message, "overflow")) {
			return suspect{-1, ""}, true
		}
		if strings.Contains(message, overflows[Mul]) || !strings.Contains(message, "overflow") {
			return tooFar(e)
		}
	}
	return suspect{}, false
}

// overflows are the words for an operation whose result was too large.
var overflows = map[ArithOp]string{Add: "addition", Sub: "subtraction", Mul: "multiplication", Div: "division", Mod: "division"}

// tooFar says whether an expression makes a time of numbers, which can be too large.
func tooFar(e Expr) (suspect, bool) {
	c, ok := e.(*Call)
	if !ok {
		return suspect{}, false
	}
	number, hint := 0, wantsSeconds
	switch c.Fn.Name {
	case "from_unixtime":
	case "date_add":
		number, hint = 1, tooManyUnits
	default:
		return suspect{}, false
	}
	// What is constant was looked at in the analysis.
	_, constant := constantNumber(c.Args[number])
	return suspect{c.Pos, hint}, !constant
}

func subscriptOf(e Expr, kind TypeKind) int {
	if s, ok := e.(*Subscript); ok && s.X.Type().Kind == kind {
		return s.Pos
	}
	return -1
}
