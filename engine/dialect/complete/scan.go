package complete

import (
	"strings"

	"traillake/engine/dialect"
	"traillake/engine/dialect/syntax"
)

// scan is the statement around the cursor.
type scan struct {
	text  string
	names Names
	// toks are the tokens of the statement without the word at the cursor, which
	// stands in front of toks[cur].
	toks []syntax.Token
	cur  int
	// typed is the word at the cursor, as far as it is typed.
	typed string
	// lowerCase says that the statement's keywords are in lower case.
	lowerCase bool
	// match holds the other bracket for each bracket that has one, else -1.
	match []int

	// budget bounds the calls of typeOf, of which hostile text could need many.
	budget int
	// outputs remembers what selectFields found, by the first token. An entry is made
	// before it is known, which ends circles.
	outputs map[int][]Field
}

// newScan returns nil where nothing can be completed: in texts, comments and numbers.
func newScan(text string, at int, names Names) *scan {
	s := &scan{text: text, names: names, budget: 1000, outputs: map[int][]Field{}}
	// With a letter more, the word at the cursor is the last token, and a comment has
	// swallowed the letter.
	toks := syntax.Lex(text[:at] + "x")
	toks = toks[:len(toks)-1]
	last := len(toks) - 1
	if last < 0 || toks[last].End != at+1 || toks[last].Kind != syntax.Word {
		return nil
	}
	s.typed, s.toks = text[toks[last].Start:at], toks[:last]
	if last > 0 && toks[last-1].End == at && toks[last-1].Kind == syntax.Decimal {
		return nil
	}
	for i, t := range s.toks {
		switch word := text[t.Start:t.End]; {
		case t.Key == "/" && i+1 < last && s.toks[i+1].Key == "*" && s.toks[i+1].Start == t.End:
			return nil // a comment that is not closed
		case t.Kind != syntax.Unrecognized:
		case word == `"`:
			s.typed, s.toks = text[t.Start:at], s.toks[:i]
		case word == "'" || word == "`":
			return nil
		case word == "$" && i == last-1 && t.End == at-len(s.typed):
			s.typed, s.toks = "$"+s.typed, s.toks[:i]
		}
		if len(s.toks) <= i {
			break
		}
	}
	s.cur = len(s.toks)
	for i, t := range syntax.Lex(text[at:]) {
		t.Start, t.End = t.Start+at, t.End+at
		inWord := i == 0 && t.Start == at && t.Kind == syntax.Word && s.typed != ""
		if t.Kind != syntax.EOF && !inWord {
			s.toks = append(s.toks, t)
		}
	}
	s.cutStatement()
	s.matchBrackets()
	if len(s.toks) > 0 {
		first := s.str(0)
		s.lowerCase = first == strings.ToLower(first)
	}
	return s
}

// cutStatement leaves out what lies behind semicolons on both sides.
func (s *scan) cutStatement() {
	for i := s.cur; i < len(s.toks); i++ {
		if s.toks[i].Key == ";" {
			s.toks = s.toks[:i]
			break
		}
	}
	for i := s.cur - 1; i >= 0; i-- {
		if s.toks[i].Key == ";" {
			s.toks, s.cur = s.toks[i+1:], s.cur-i-1
			break
		}
	}
}

func (s *scan) matchBrackets() {
	s.match = make([]int, len(s.toks))
	var open []int
	for i, t := range s.toks {
		s.match[i] = -1
		switch t.Key {
		case "(", "[":
			open = append(open, i)
		case ")", "]":
			if n := len(open); n > 0 && (s.toks[open[n-1]].Key == "(") == (t.Key == ")") {
				s.match[i], s.match[open[n-1]] = open[n-1], i
				open = open[:n-1]
			}
		}
	}
}

// key returns the keyword or operator of token i, and "" outside of the statement.
func (s *scan) key(i int) string {
	if i < 0 || i >= len(s.toks) {
		return ""
	}
	return s.toks[i].Key
}

func (s *scan) str(i int) string { return s.text[s.toks[i].Start:s.toks[i].End] }

// nameAt returns the name that token i is, and false when it can be none.
func (s *scan) nameAt(i int) (string, bool) {
	if i < 0 || i >= len(s.toks) {
		return "", false
	}
	switch t := s.toks[i]; t.Kind {
	case syntax.Word:
		return s.str(i), !syntax.Reserved(t.Key)
	case syntax.QuotedIdent:
		return strings.ReplaceAll(s.text[t.Start+1:t.End-1], `""`, `"`), true
	}
	return "", false
}

// next returns the token behind token i, and behind the bracket that i opens. A
// bracket that is not closed reaches to the end.
func (s *scan) next(i, hi int) int {
	switch s.key(i) {
	case "(", "[":
		if s.match[i] < 0 {
			return hi
		}
		return min(s.match[i]+1, hi)
	}
	return i + 1
}

// inner returns the end of what token open, a bracket, encloses.
func (s *scan) inner(open, hi int) int {
	if m := s.match[open]; m >= 0 {
		return min(m, hi)
	}
	return hi
}

// block is what stands between two brackets, or the whole statement.
type block struct {
	open   int // the opening bracket; -1 for the statement
	lo, hi int // the tokens inside
}

// blocks returns the blocks around position i, from the inside out.
func (s *scan) blocks(i int) []block {
	var list []block
	for k := i - 1; k >= 0; k-- {
		switch s.key(k) {
		case ")", "]":
			if s.match[k] >= 0 {
				k = s.match[k]
			}
		case "(", "[":
			list = append(list, block{k, k + 1, s.inner(k, len(s.toks))})
		}
	}
	return append(list, block{-1, 0, len(s.toks)})
}

// find returns the first token in [lo,hi), outside of inner brackets, that one of the
// keys is, and hi when there is none.
func (s *scan) find(lo, hi int, keys ...string) int {
	for i := lo; i < hi; i = s.next(i, hi) {
		if s.isClause(i) && contains(keys, s.key(i)) {
			return i
		}
	}
	return hi
}

// isClause is false for the FROM of IS DISTINCT FROM.
func (s *scan) isClause(i int) bool {
	return s.key(i) != "FROM" || s.key(i-1) != "DISTINCT" || s.key(i-2) != "IS" && s.key(i-2) != "NOT"
}

func contains(keys []string, key string) bool {
	for _, k := range keys {
		if k == key {
			return true
		}
	}
	return false
}

// pathStart returns the first token of the path that ends in front of token end, such
// as a.b[1] or element_at(a, 1).b.
func (s *scan) pathStart(end int) int {
	i := end
	for i > 0 {
		k := i - 1
		switch s.key(k) {
		case ")", "]":
			if s.match[k] < 0 {
				return i
			}
			k = s.match[k]
			if _, ok := s.nameAt(k - 1); s.key(k) == "[" || ok {
				i = k
				if s.key(k) == "(" {
					i = k - 1
				}
				if s.key(k) == "[" {
					continue // what is indexed stands in front
				}
			} else {
				return k
			}
		default:
			if _, ok := s.nameAt(k); !ok {
				return i
			}
			i = k
		}
		if s.key(i-1) != "." {
			return i
		}
		i--
	}
	return i
}

// typeOf returns the type of the path in [lo,hi), nil when it is not known.
func (s *scan) typeOf(lo, hi int) *dialect.Type {
	if s.budget--; lo >= hi || s.budget < 0 {
		return nil
	}
	var t *dialect.Type
	i := s.next(lo, hi)
	switch name, ok := s.nameAt(lo); {
	case s.key(lo) == "(":
		t = s.typeOf(lo+1, s.inner(lo, hi))
	case !ok:
		return nil
	case s.key(i) == "(" && i < hi:
		t, i = s.callType(name, i), s.next(i, hi)
	default:
		if table := s.tableNamed(name, lo); table != nil && s.key(i) == "." && i+1 < hi {
			name, _ = s.nameAt(i + 1)
			t, i = fieldType(table.fields, name), i+2
		} else {
			t = s.columnType(name, lo)
		}
	}
	for i < hi && t != nil {
		switch s.key(i) {
		case ".":
			name, _ := s.nameAt(i + 1)
			t, i = fieldType(s.rowFields(t), name), i+2
		case "[":
			t, i = elementType(t), s.next(i, hi)
		default:
			return nil // no path
		}
	}
	return t
}

// callType returns the type of a call whose arguments token open opens.
func (s *scan) callType(name string, open int) *dialect.Type {
	arg := s.typeOf(open+1, s.find(open+1, s.inner(open, len(s.toks)), ","))
	switch strings.ToLower(name) {
	case "element_at":
		return elementType(arg)
	case "filter", "slice", "array_distinct", "array_sort", "reverse":
		return arg
	}
	return nil
}

// elementType returns the type of what an index takes out of an array or a map.
func elementType(t *dialect.Type) *dialect.Type {
	switch {
	case t == nil:
		return nil
	case t.Kind == dialect.KindArray:
		return t.Elem()
	case t.Kind == dialect.KindMap:
		return t.Value()
	}
	return nil
}

func fieldType(fields []Field, name string) *dialect.Type {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f.Type
		}
	}
	return nil
}

// columnType returns the type of a column or of a lambda's parameter at position i.
func (s *scan) columnType(name string, i int) *dialect.Type {
	for _, f := range s.lambdaParams(i) {
		if strings.EqualFold(f.Name, name) {
			return f.Type
		}
	}
	for _, t := range s.tables(i) {
		if found := fieldType(t.fields, name); found != nil {
			return found
		}
	}
	return nil
}

// lambdaParams returns the parameter of each lambda that position i is in. Its type is
// that of the elements of the call's first argument.
func (s *scan) lambdaParams(i int) []Field {
	var params []Field
	for _, b := range s.blocks(i) {
		for k := i - 1; k > b.lo; k-- {
			if s.key(k) == "," {
				break
			}
			if s.key(k) != "->" {
				continue
			}
			if name, ok := s.nameAt(k - 1); ok {
				var t *dialect.Type
				if comma := s.find(b.lo, k, ","); comma < k {
					t = elementType(s.typeOf(b.lo, comma))
				}
				params = append(params, Field{name, t})
			}
		}
		if b.open >= 0 {
			i = b.open
		}
	}
	return params
}
