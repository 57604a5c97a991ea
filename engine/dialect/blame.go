package dialect

import "strings"

// Blame returns the byte of the text at which the expression stands that failed with an
// error of RuntimeError, and what to write instead. The database does not tell which
// expression it was, so that at is -1 unless only one can have failed in this way.
func (s *Statement) Blame(code, message string) (at int, hint string) {
	var could func(e Expr) int
	switch {
	case code == "DIVISION_BY_ZERO":
		hint = "NULLIF(divisor, 0) makes it NULL"
		could = func(e Expr) int {
			switch e := e.(type) {
			case *Arith:
				if e.Op == Div || e.Op == Mod {
					return e.Pos
				}
			case *Call:
				if e.Fn.Name == "mod" {
					return e.Pos
				}
			}
			return -1
		}
	case strings.HasPrefix(message, "Key not present in map"):
		hint = "element_at(map, key) gives NULL instead"
		could = subscriptOf(KindMap)
	case strings.HasPrefix(message, "Array subscript"):
		hint = "element_at(array, index) gives NULL instead"
		could = subscriptOf(KindArray)
	case code == "INVALID_CAST_ARGUMENT":
		hint = "TRY_CAST gives NULL instead"
		could = func(e Expr) int {
			// What is cast unasked cannot fail, but for text.
			if c, ok := e.(*Cast); ok && !c.Try && (!c.Implicit || c.X.Type().Kind == KindVarchar) {
				return c.Pos
			}
			return -1
		}
	default:
		return -1, ""
	}
	at = -1
	walkQuery(s.Query, func(e Expr) {
		switch pos := could(e); {
		case pos < 0 || pos == at || at == ambiguous:
		case at < 0:
			at = pos
		default:
			at = ambiguous
		}
	})
	return max(at, -1), hint
}

// ambiguous is the place of more than one expression.
const ambiguous = -2

func subscriptOf(kind TypeKind) func(Expr) int {
	return func(e Expr) int {
		if s, ok := e.(*Subscript); ok && s.X.Type().Kind == kind {
			return s.Pos
		}
		return -1
	}
}
