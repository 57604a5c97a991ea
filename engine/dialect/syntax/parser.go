package syntax

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits bounds what is read. Zero fields stand for the defaults.
type Limits struct {
	// Chars bounds the text, in code points; 10,000 by default, as CloudTrail
	// Lake's StartQuery does.
	Chars int
	// Depth bounds the height of the tree; 500 by default. A person's query stays
	// far below, and neither we nor an engine run out of stack.
	Depth int
}

const (
	defaultChars = 10_000
	defaultDepth = 500
)

// Parse reads a query. All errors are an *Error.
func Parse(text string, lim Limits) (*Query, error) {
	p, err := newParser(text, lim)
	if err != nil {
		return nil, err
	}
	q := p.statement()
	if p.err != nil {
		return nil, p.err
	}
	return q, nil
}

// parser reads tokens from left to right. The first error is kept, and moves the
// parser to the end of the text, where nothing matches any more: so the rules need
// not look at errors, and must only return a node that is not nil.
type parser struct {
	text  string
	toks  []Token
	pos   int
	depth int
	// deepest is the depth of the lowest leaf that the rule has taken which measures it.
	deepest int
	max     int
	err     *Error
	// params counts the ? seen.
	params int
	// wanted lists what was looked for at the current token and was not there: keywords,
	// operators and names of rules such as <expression>.
	// While the token is that of muted, one name stands for all: see muted.
	wanted []string
	muted  int
	// closing holds for each opening parenthesis the index of its closing one, -1
	// for none.
	closing []int
}

func newParser(text string, lim Limits) (*parser, error) {
	if lim.Chars == 0 {
		lim.Chars = defaultChars
	}
	if lim.Depth == 0 {
		lim.Depth = defaultDepth
	}
	if n := utf8.RuneCountInString(text); n > lim.Chars {
		return nil, ErrorAt(text, Span{}, CodeTooLarge, "query text length (%d) exceeds the maximum length (%d)", n, lim.Chars)
	}
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			return nil, ErrorAt(text, Span{i, i + 1}, CodeSyntax, "the text is not valid UTF-8")
		}
	}
	p := &parser{text: text, toks: Lex(text), max: lim.Depth, muted: -1}
	p.closing = make([]int, len(p.toks))
	var open []int
	for i, t := range p.toks {
		p.closing[i] = -1
		switch t.Key {
		case "(":
			open = append(open, i)
		case ")":
			if n := len(open); n > 0 {
				p.closing[open[n-1]] = i
				open = open[:n-1]
			}
		}
	}
	return p, nil
}

// tok returns the current token.
func (p *parser) tok() Token { return p.toks[p.pos] }

// peek returns the token n behind the current one.
func (p *parser) peek(n int) Token { return p.tokAt(p.pos + n) }

func (p *parser) tokAt(i int) Token { return p.toks[min(i, len(p.toks)-1)] }

// next moves on and returns the token that was current.
func (p *parser) next() Token {
	t := p.toks[p.pos]
	if p.pos < len(p.toks)-1 {
		p.pos++
	}
	p.wanted = p.wanted[:0]
	p.muted = -1
	return t
}

// want notes what the grammar allows at the current token.
func (p *parser) want(name string) {
	if p.muted != p.pos {
		p.wanted = append(p.wanted, name)
	}
}

// mute notes one name, and no details of it until the parser moves on.
func (p *parser) mute(name string) {
	p.want(name)
	p.muted = p.pos
}

// is says whether the current token is the keyword or operator.
func (p *parser) is(key string) bool {
	if p.tok().Key == key {
		return true
	}
	p.want(key)
	return false
}

// accept takes the keyword or operator if it is there.
func (p *parser) accept(key string) bool {
	if !p.is(key) {
		return false
	}
	p.next()
	return true
}

// acceptAll takes the keywords if all are there, in this order.
func (p *parser) acceptAll(keys ...string) bool {
	for i, k := range keys {
		if p.peek(i).Key != k {
			if i == 0 {
				p.want(k)
			}
			return false
		}
	}
	for range keys {
		p.next()
	}
	return true
}

// expect takes the keyword or operator, or fails.
func (p *parser) expect(key string) {
	if !p.accept(key) {
		p.mismatch()
	}
}

func (p *parser) expectAll(keys ...string) {
	for _, k := range keys {
		p.expect(k)
	}
}

// span returns the bytes from start to the end of the last token taken.
func (p *parser) span(start int) Span {
	if p.pos == 0 {
		return Span{start, start}
	}
	return Span{start, max(start, p.toks[p.pos-1].End)}
}

// fail keeps the first error and ends the parsing.
func (p *parser) fail(at Span, code Code, hint, format string, args ...any) {
	if p.err != nil {
		return
	}
	p.err = ErrorAt(p.text, at, code, format, args...)
	p.err.Hint = hint
	p.pos = len(p.toks) - 1
}

// refuse fails for what Trino has and this dialect does not take.
func (p *parser) refuse(at Span, what, hint string) {
	p.fail(at, CodeNotSupported, hint, "%s is not supported", what)
}

// mismatch fails at the current token with what was expected instead.
func (p *parser) mismatch() {
	if p.err != nil {
		return
	}
	t := p.tok()
	switch t.Kind {
	case BackquotedIdent:
		p.fail(t.Span, CodeSyntax, "", "backquoted identifiers are not supported; use double quotes to quote identifiers")
		return
	case DigitIdent:
		p.fail(t.Span, CodeSyntax, "", "identifiers must not start with a digit; surround the identifier with double quotes")
		return
	}
	names := make([]string, len(p.wanted))
	for i, w := range p.wanted {
		if names[i] = w; len(w) < 3 || w[0] != '<' {
			names[i] = "'" + w + "'"
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	shown := p.text[t.Start:t.End]
	if t.Kind == EOF {
		shown = "<EOF>"
	}
	p.fail(t.Span, CodeSyntax, p.hint(), "mismatched input '%s'. Expecting: %s", shown, strings.Join(names, ", "))
}

// enter guards a rule against nesting; leave undoes it.
func (p *parser) enter() {
	p.depth++
	if p.deepest = max(p.deepest, p.depth); p.depth > p.max {
		p.tooDeep()
	}
}

func (p *parser) leave() { p.depth-- }

// measured begins a rule that calls chain. The function that it returns ends the rule.
func (p *parser) measured() func() {
	before := p.deepest
	p.deepest = p.depth
	return func() { p.deepest = max(before, p.deepest) }
}

// chain guards a list each element of which puts all that the rule has taken one lower in the tree.
func (p *parser) chain() {
	if p.deepest++; p.deepest > p.max {
		p.tooDeep()
	}
}

func (p *parser) tooDeep() {
	p.fail(p.tok().Span, CodeTooLarge, "", "statement is too large: nested deeper than %d", p.max)
}

// end expects the end of the text.
func (p *parser) end() {
	if p.tok().Kind != EOF {
		p.want("<EOF>")
		p.mismatch()
	}
}

// isIdent says whether a token can be a name.
func isIdent(t Token) bool {
	switch t.Kind {
	case Word:
		return t.Key == "" || !Reserved(t.Key)
	case QuotedIdent:
		return true
	default:
		return false
	}
}

// ident takes a name, or fails.
func (p *parser) ident() Ident {
	t := p.tok()
	if !isIdent(t) {
		p.want("<identifier>")
		p.mismatch()
		return Ident{Span: t.Span}
	}
	p.next()
	return p.identOf(t)
}

func (p *parser) identOf(t Token) Ident {
	text := p.text[t.Start:t.End]
	if t.Kind != QuotedIdent {
		return Ident{Span: t.Span, Name: text}
	}
	if len(text) == 2 {
		p.fail(t.Span, CodeSyntax, "", "Zero-length delimited identifier not allowed")
	}
	return Ident{Span: t.Span, Name: unquote(text), Quoted: true}
}

// unquote takes the quotes off; the closing one tells which they are.
func unquote(text string) string {
	q := text[len(text)-1:]
	return strings.ReplaceAll(text[1:len(text)-1], q+q, q)
}

// idents takes a list of names in parentheses, the opening one taken already.
func (p *parser) idents() []Ident {
	list := []Ident{p.ident()}
	for p.accept(",") {
		list = append(list, p.ident())
	}
	p.expect(")")
	return list
}

// qualifiedName takes a name of one or more parts.
func (p *parser) qualifiedName() Name {
	n := Name{p.ident()}
	for p.accept(".") {
		n = append(n, p.ident())
	}
	return n
}

// integer takes a plain integer of at most the given size.
func (p *parser) integer(most int64) int {
	t := p.tok()
	if t.Kind != Integer {
		p.want("<integer>")
		p.mismatch()
		return 0
	}
	p.next()
	v, ok := parseInt(p.text[t.Start:t.End], false)
	if !ok || v > most {
		p.fail(t.Span, CodeSyntax, "", "Invalid numeric literal: %s", p.text[t.Start:t.End])
		return 0
	}
	return int(v)
}
