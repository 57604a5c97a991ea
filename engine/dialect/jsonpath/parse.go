package jsonpath

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Path is a compiled path.
type Path struct {
	strict bool
	root   node
	// vars are the names of the variables that it uses.
	vars map[string]bool
	// keys are those of the members that a lax path goes through, one in the other, if it
	// does nothing else.
	keys []string
}

// Variables returns the names of the variables that the path uses, in no order.
func (p *Path) Variables() []string {
	var names []string
	for n := range p.vars {
		names = append(names, n)
	}
	return names
}

// SyntaxError is a mistake in the text of a path.
type SyntaxError struct {
	// Offset is the place in bytes.
	Offset int
	// Message says what is wrong.
	Message string
}

func (e *SyntaxError) Error() string { return e.Message }

// maxNesting bounds the height of a path's tree.
const maxNesting = 200

// node is a part of a path that gives a sequence of items.
type node interface{ eval(*evaluation) []Value }

// condition is a part of a filter.
type condition interface{ test(*evaluation) truth }

type (
	contextItem struct{} // $
	currentItem struct{} // @
	lastIndex   struct{}
	constant    struct{ v Value }
	variable    struct{ name string }
	member      struct {
		base node
		key  string
		any  bool
	}
	descendant struct {
		base node
		key  string
	}
	elements struct {
		base node
		// subs is nil for [*].
		subs []subscript
	}
	subscript struct{ from, to node } // to is nil for one index
	filter    struct {
		base node
		cond condition
	}
	method struct {
		base node
		name string
	}
	signed struct {
		base  node
		minus bool
	}
	binary struct {
		op   byte
		l, r node
	}

	comparison struct {
		op   string
		l, r node
	}
	junction struct {
		or   bool
		l, r condition
	}
	negation   struct{ c condition }
	exists     struct{ n node }
	isUnknown  struct{ c condition }
	startsWith struct{ whole, initial node }
	likeRegex  struct {
		n  node
		re *regexp.Regexp
	}
)

// Compile reads a path. The error is a *SyntaxError.
func Compile(text string) (*Path, error) {
	p := &parser{text: text, vars: map[string]bool{}}
	p.next()
	path := &Path{vars: p.vars}
	switch {
	case p.word("strict"):
		path.strict = true
	case !p.word("lax"):
		p.fail("a path begins with lax or strict")
	}
	path.root = p.expression(0)
	if keys, ok := membersOf(path.root); ok && !path.strict {
		path.keys = keys
	}
	if p.tok != "" {
		p.fail("unexpected '%s'", p.tok)
	}
	if p.err != nil {
		return nil, p.err
	}
	return path, nil
}

// membersOf returns the names of the members that a path goes through from $ to its end; ok is
// false where it does anything else.
func membersOf(n node) (keys []string, ok bool) {
	switch n := n.(type) {
	case contextItem:
		return nil, true
	case member:
		keys, ok = membersOf(n.base)
		return append(keys, n.key), ok && !n.any
	}
	return nil, false
}

// parser holds the current token: an operator, a word, a number, a string with its
// quotes or a variable with its $; "" at the end. The first error is kept, and moves the
// parser to the end, where nothing matches any more.
type parser struct {
	text  string
	tok   string
	start int // of the token
	end   int
	depth int
	vars  map[string]bool
	err   *SyntaxError
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = &SyntaxError{p.start, fmt.Sprintf(format, args...)}
	}
	p.tok, p.start, p.end = "", len(p.text), len(p.text)
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= utf8.RuneSelf }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(s string) bool { return s != "" && isLetter(s[0]) }

func (p *parser) next() {
	i := p.end
	for i < len(p.text) && strings.IndexByte(" \t\r\n", p.text[i]) >= 0 {
		i++
	}
	p.start = i
	j := i
	letters := func() {
		for j < len(p.text) && (isLetter(p.text[j]) || isDigit(p.text[j])) {
			j++
		}
	}
	switch {
	case i == len(p.text):
	case isLetter(p.text[i]):
		letters()
	case p.text[i] == '$' && i+1 < len(p.text) && isLetter(p.text[i+1]):
		j++
		letters()
	case isDigit(p.text[i]):
		j = p.number(i)
	case p.text[i] == '"':
		for j++; ; j++ {
			if j >= len(p.text) {
				p.fail("the text is not closed")
				return
			}
			if p.text[j] == '"' {
				if j+1 < len(p.text) && p.text[j+1] == '"' {
					j++
					continue
				}
				j++
				break
			}
		}
	default:
		j++
		if i+2 <= len(p.text) {
			switch p.text[i : i+2] {
			case "==", "<>", "!=", "<=", ">=", "&&", "||", "..":
				j++
			}
		}
	}
	p.end, p.tok = j, p.text[i:j]
}

func (p *parser) number(i int) int {
	digits := func() {
		for i < len(p.text) && isDigit(p.text[i]) {
			i++
		}
	}
	digits()
	if i+1 < len(p.text) && p.text[i] == '.' && isDigit(p.text[i+1]) {
		i++
		digits()
	}
	if i < len(p.text) && p.text[i]|0x20 == 'e' {
		k := i + 1
		if k < len(p.text) && (p.text[k] == '+' || p.text[k] == '-') {
			k++
		}
		if k < len(p.text) && isDigit(p.text[k]) {
			i = k
			digits()
		}
	}
	return i
}

// word takes a token if it is the given one.
func (p *parser) word(s string) bool {
	if p.tok != s {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(s string) {
	if !p.word(s) {
		if p.tok == "" {
			p.fail("'%s' is expected at the end of the path", s)
		}
		p.fail("'%s' is expected, and not '%s'", s, p.tok)
	}
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxNesting {
		p.fail("the path is nested too deeply")
	}
}

var powers = map[string]int{"+": 1, "-": 1, "*": 2, "/": 2, "%": 2}

// expression takes operators that bind more tightly than the given power.
func (p *parser) expression(power int) node {
	p.enter()
	var n node
	if p.tok == "-" || p.tok == "+" {
		minus := p.tok == "-"
		p.next()
		n = signed{p.expression(2), minus}
	} else {
		n = p.accessors()
	}
	for i := 1; powers[p.tok] > power; i++ {
		if p.depth+i > maxNesting {
			p.fail("the path is nested too deeply")
		}
		op := p.tok
		p.next()
		n = binary{op[0], n, p.expression(powers[op])}
	}
	p.depth--
	return n
}

func (p *parser) accessors() node {
	n := p.primary()
	for i := 1; ; i++ {
		if p.depth+i > maxNesting {
			p.fail("the path is nested too deeply")
		}
		switch {
		case p.word(".."):
			n = descendant{n, p.key()}
		case p.word("."):
			if p.word("*") {
				n = member{base: n, any: true}
				break
			}
			quoted := strings.HasPrefix(p.tok, `"`)
			key := p.key()
			if !quoted && p.tok == "(" {
				n = p.method(n, key)
				break
			}
			n = member{base: n, key: key}
		case p.word("["):
			e := elements{base: n}
			if !p.word("*") {
				for {
					s := subscript{from: p.expression(0)}
					if p.word("to") {
						s.to = p.expression(0)
					}
					e.subs = append(e.subs, s)
					if !p.word(",") {
						break
					}
				}
			}
			p.expect("]")
			n = e
		case p.word("?"):
			p.expect("(")
			n = filter{n, p.condition()}
			p.expect(")")
		default:
			return n
		}
	}
}

// key takes the name of a member.
func (p *parser) key() string {
	t := p.tok
	switch {
	case isWord(t):
		p.next()
		return t
	case strings.HasPrefix(t, `"`):
		return p.str()
	}
	p.fail("the name of a member is expected; quote names that are no plain words")
	return ""
}

func (p *parser) str() string {
	t := p.tok
	if !strings.HasPrefix(t, `"`) {
		p.fail("a text in double quotes is expected")
		return ""
	}
	p.next()
	return strings.ReplaceAll(t[1:len(t)-1], `""`, `"`)
}

func (p *parser) method(n node, name string) node {
	switch name {
	case "abs", "ceiling", "double", "floor", "keyvalue", "size", "type":
	case "datetime":
		p.fail("the method datetime() is not supported")
	default:
		p.fail("there is no method %s()", name)
	}
	p.expect("(")
	p.expect(")")
	return method{n, name}
}

func (p *parser) primary() node {
	t := p.tok
	switch {
	case t == "":
		p.fail("the path ends too early")
		return contextItem{}
	case p.word("$"):
		return contextItem{}
	case p.word("@"):
		return currentItem{}
	case p.word("last"):
		return lastIndex{}
	case p.word("null"):
		return constant{}
	case p.word("true"):
		return constant{Value{Kind: Bool, Bool: true}}
	case p.word("false"):
		return constant{Value{Kind: Bool}}
	case t[0] == '"':
		return constant{Value{Kind: String, Str: p.str()}}
	case t[0] == '$':
		p.next()
		p.vars[t[1:]] = true
		return variable{t[1:]}
	case isDigit(t[0]):
		n := parseNum(t)
		var err error
		if n.IsDouble && !strings.ContainsAny(t, "eE") {
			n, err = Decimal(t)
		}
		if err == nil {
			n, err = n.typed()
		}
		if err != nil {
			p.fail("the number %s is too large", t)
			return contextItem{}
		}
		p.next()
		return constant{Value{Kind: Number, Num: n}}
	case p.word("("):
		n := p.expression(0)
		p.expect(")")
		return n
	}
	if isWord(t) {
		p.fail("%s is no value; names of members that are no plain words stand in quotes, as $.\"a-b\"", t)
	}
	p.fail("unexpected '%s'", t)
	return contextItem{}
}

func (p *parser) condition() condition {
	c := p.conjunction()
	for i := 1; p.word("||"); i++ {
		c = junction{true, c, p.conjunction()}
		if p.depth+i > maxNesting {
			p.fail("the path is nested too deeply")
		}
	}
	return c
}

func (p *parser) conjunction() condition {
	c := p.predicate()
	for i := 1; p.word("&&"); i++ {
		c = junction{false, c, p.predicate()}
		if p.depth+i > maxNesting {
			p.fail("the path is nested too deeply")
		}
	}
	return c
}

func (p *parser) predicate() condition {
	p.enter()
	defer func() { p.depth-- }()
	switch {
	case p.word("!"):
		if p.tok != "(" && p.tok != "exists" {
			p.fail("behind ! stands a condition in parentheses or exists")
		}
		return negation{p.predicate()}
	case p.tok == "exists":
		p.next()
		p.expect("(")
		n := p.expression(0)
		p.expect(")")
		return exists{n}
	case p.tok == "(" && p.isCondition():
		p.next()
		c := p.condition()
		p.expect(")")
		if p.word("is") {
			p.expect("unknown")
			return isUnknown{c}
		}
		return c
	}
	n := p.expression(0)
	switch t := p.tok; t {
	case "==", "<>", "!=", "<", "<=", ">", ">=":
		p.next()
		return comparison{t, n, p.expression(0)}
	case "starts":
		p.next()
		p.expect("with")
		if !strings.HasPrefix(p.tok, `"`) && !(len(p.tok) > 1 && p.tok[0] == '$') {
			p.fail("behind starts with stands a text or a variable")
		}
		return startsWith{n, p.primary()}
	case "like_regex":
		p.next()
		return p.likeRegex(n)
	}
	p.fail("a comparison is expected")
	return exists{n}
}

// isCondition says whether the parentheses at the current token hold a condition, and
// no value: whether a word or an operator of conditions stands in them, outside of
// filters and behind no point.
func (p *parser) isCondition() bool {
	look := *p
	open, filters, before := 0, 0, ""
	for {
		t := look.tok
		switch {
		case t == "":
			return false
		case t == "(" && (filters > 0 || before == "?"):
			filters++
		case t == ")" && filters > 0:
			filters--
		case t == "(":
			open++
		case t == ")":
			if open--; open == 0 {
				return false
			}
		case filters > 0 || before == "." || before == "..":
		default:
			switch t {
			case "==", "<>", "!=", "<", "<=", ">", ">=", "&&", "||", "!", "exists", "starts", "like_regex", "is":
				return true
			}
		}
		before = t
		look.next()
	}
}

// likeRegex takes a pattern and its flags. It is run without going back, so that no
// pattern takes long; back-references are therefore refused.
func (p *parser) likeRegex(n node) condition {
	at := p.start
	pattern, flags := p.str(), ""
	if p.word("flag") {
		flags = p.str()
	}
	mode := ""
	for _, f := range flags {
		switch f {
		case 's', 'm', 'i':
			mode += string(f)
		case 'q':
			pattern = regexp.QuoteMeta(pattern)
		case 'x':
			pattern = strings.NewReplacer(" ", "", "\t", "", "\n", "", "\r", "").Replace(pattern)
		default:
			p.fail("there is no flag %c of a regular expression", f)
		}
	}
	if mode != "" {
		pattern = "(?" + mode + ")" + pattern
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		p.start = at
		p.fail("%s is no regular expression that can be used here", pattern)
		return exists{n}
	}
	return likeRegex{n, re}
}
