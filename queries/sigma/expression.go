package sigma

import (
	"slices"
	"strings"
)

// expression is what a record meets or does not.
type expression interface {
	// sql prints the expression. It may give NULL for false, and is never NULL for true.
	sql() string
	// walk calls f for every match, with whether a not stands before it.
	walk(not bool, f func(m *match, not bool))
}

type (
	and []expression
	or  []expression
	not struct{ of expression }
	// match asks that a field meets its tests: one of them, or all.
	match struct {
		field *field // nil for keywords
		// values hold the tests of each value: a value is met by one of its tests.
		values [][]test
		all    bool
	}
)

type testKind uint8

const (
	testPattern testKind = iota
	testRegexp
	testCIDR
	testNumber
	testField
	testNull
	testExists
)

// test is one question to a text.
type test struct {
	kind    testKind
	pattern pattern
	cased   bool
	text    string // of testRegexp, testCIDR, testNumber
	op      string // lt, lte, gt, gte
	other   *field // of testField
	place   string // contains, startswith, endswith, or empty, of testField
	not     bool   // of testExists
}

func (e and) walk(not bool, f func(*match, bool)) {
	for _, part := range e {
		part.walk(not, f)
	}
}
func (e or) walk(not bool, f func(*match, bool))     { and(e).walk(not, f) }
func (e *match) walk(not bool, f func(*match, bool)) { f(e, not) }
func (e not) walk(not bool, f func(*match, bool))    { e.of.walk(!not, f) }

func (e and) sql() string { return joined(e, "AND") }
func (e or) sql() string  { return joined(e, "OR") }

// sql makes false of NULL, which to SQL is neither true nor false when it is negated.
func (e not) sql() string { return "NOT coalesce(" + e.of.sql() + ", false)" }

// parts returns what an expression is made of, when it is one of that word: selections of
// selections are printed as one.
func parts(e expression, word string) []expression {
	var inside []expression
	switch e := e.(type) {
	case and:
		inside = e
	case or:
		inside = e
	default:
		return []expression{e}
	}
	if _, isAnd := e.(and); len(inside) > 1 && isAnd != (word == "AND") {
		return []expression{e}
	}
	var out []expression
	for _, part := range inside {
		out = append(out, parts(part, word)...)
	}
	return out
}

func joined(e expression, word string) string {
	var texts []string
	for _, part := range parts(e, word) {
		texts = append(texts, strings.ReplaceAll(part.sql(), "\n", "\n  "))
	}
	return group(texts, word)
}

// conjuncts prints an expression as what follows a WHERE, in lines of their own.
func conjuncts(e expression, indent string) string {
	var texts []string
	for _, part := range parts(e, "AND") {
		texts = append(texts, strings.ReplaceAll(part.sql(), "\n", "\n"+indent))
	}
	return strings.Join(texts, "\n"+indent+"AND ")
}

// group puts conditions in parentheses, each on a line of its own where they are long.
func group(texts []string, word string) string {
	if len(texts) == 1 {
		return texts[0]
	}
	const width = 100
	line := "(" + strings.Join(texts, " "+word+" ") + ")"
	if len(line) <= width && !strings.Contains(line, "\n") {
		return line
	}
	return "(" + strings.Join(texts, "\n  "+word+" ") + ")"
}

func (e *match) sql() string {
	var parts []string
	var one []test // of all values, if one of them is enough
	for _, tests := range e.values {
		if !e.all {
			one = append(one, tests...)
			continue
		}
		parts = append(parts, group(e.tests(tests), "OR"))
	}
	if e.all {
		return group(parts, "AND")
	}
	return group(e.tests(one), "OR")
}

// tests prints tests one of which is enough.
func (e *match) tests(tests []test) []string {
	var out []string
	var of []test // those of the field's texts
	simple := true
	for _, t := range tests {
		switch {
		case t.kind == testNull || t.kind == testExists && t.not:
			out = append(out, e.field.is(false))
		case t.kind == testExists || t.kind == testPattern && t.pattern.anything() && e.field != nil:
			out = append(out, e.field.is(true))
		default:
			of = append(of, t)
			simple = simple && t.simple()
		}
	}
	if len(of) == 0 {
		return out
	}
	if e.field == nil {
		for _, t := range of {
			if escaped := t.pattern.mapText(jsonEscaped); t.kind == testPattern && escaped.texts() != t.pattern.texts() {
				t.pattern = escaped
				of = append(of, t)
			}
		}
		return append(out, textTests(of, "eventJson")...)
	}
	if e.field.kind == fieldColumn || e.field.kind == fieldJSON {
		return append(out, textTests(of, e.field.text())...)
	}
	return append(out, e.field.any(func(x string) string { return group(textTests(of, x), "OR") }, simple))
}

// simple reports whether a list meets the test as JSON whenever one of its elements does:
// the test looks for something inside that JSON spells as it is.
func (t test) simple() bool {
	if t.kind != testPattern || len(t.pattern) < 2 || t.pattern[0].wild != '*' || t.pattern[len(t.pattern)-1].wild != '*' {
		return false
	}
	return !slices.ContainsFunc([]rune(t.pattern.texts()), func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r > '~' })
}

// textTests prints tests of the text x; equal texts are put into one list.
func textTests(tests []test, x string) []string {
	var out []string
	for _, cased := range []bool{false, true} {
		var equal []string
		for _, t := range tests {
			if s, ok := t.pattern.plain(); ok && t.kind == testPattern && t.cased == cased {
				equal = append(equal, quote(fold(s, cased)))
			}
		}
		equal = slices.Compact(equal)
		switch {
		case len(equal) == 1:
			out = append(out, folded(x, cased)+" = "+equal[0])
		case len(equal) > 1:
			out = append(out, folded(x, cased)+" IN ("+list(equal)+")")
		}
	}
	for _, t := range tests {
		switch t.kind {
		case testPattern:
			if _, ok := t.pattern.plain(); ok {
				continue
			}
			like, escaped := t.pattern.mapText(func(s string) string { return fold(s, t.cased) }).like()
			text := folded(x, t.cased) + " LIKE " + quote(like)
			if escaped {
				text += ` ESCAPE '\'`
			}
			out = append(out, text)
		case testRegexp:
			out = append(out, "regexp_like("+x+", "+quote(t.text)+")")
		case testCIDR:
			out = append(out, "contains("+quote(t.text)+", TRY_CAST("+x+" AS ipaddress))")
		case testNumber:
			op := map[string]string{"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}[t.op]
			out = append(out, "TRY_CAST("+x+" AS double) "+op+" "+t.text)
		case testField:
			out = append(out, t.fieldTest(x))
		}
	}
	return out
}

func (t test) fieldTest(x string) string {
	a, b := folded(x, t.cased), folded(t.other.text(), t.cased)
	switch t.place {
	case "contains":
		return "strpos(" + a + ", " + b + ") > 0"
	case "startswith":
		return "starts_with(" + a + ", " + b + ")"
	case "endswith":
		return "starts_with(reverse(" + a + "), reverse(" + b + "))"
	}
	return a + " = " + b
}

// list sets literals with commas between, in lines of a usual width.
func list(literals []string) string {
	const width = 90
	var b strings.Builder
	column := 0
	for i, l := range literals {
		if i > 0 {
			b.WriteString(",")
			if column+len(l) > width {
				b.WriteString("\n    ")
				column = 0
			} else {
				b.WriteString(" ")
			}
		}
		b.WriteString(l)
		column += len(l) + 2
	}
	return b.String()
}

func folded(x string, cased bool) string {
	if cased {
		return x
	}
	return "lower(" + x + ")"
}

func fold(s string, cased bool) string {
	if cased {
		return s
	}
	return strings.ToLower(s)
}
