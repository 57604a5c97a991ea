package dialect

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseType reads a type in Trino's notation, such as
// map(varchar, array(row(a bigint, b timestamp(3) with time zone))).
func ParseType(s string) (*Type, error) {
	p := typeParser{text: s}
	t, err := p.parse()
	if err == nil {
		if p.next(); p.tok != "" {
			err = fmt.Errorf("unexpected %q", p.tok)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("type %q: %w", s, err)
	}
	return t, nil
}

// MustType is ParseType for constants of the program.
func MustType(s string) *Type {
	t, err := ParseType(s)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return t
}

// maxTypeDepth bounds the nesting of a type; deeper ones are no longer what a
// person writes.
const maxTypeDepth = 50

type typeParser struct {
	text   string
	tok    string // current token; quoted identifiers keep their first quote
	peeked bool
	depth  int
}

// next moves to the next token, "" at the end.
func (p *typeParser) next() string {
	if p.peeked {
		p.peeked = false
		return p.tok
	}
	p.text = strings.TrimLeft(p.text, " \t\r\n")
	if p.text == "" {
		p.tok = ""
		return ""
	}
	n := 1
	switch c := p.text[0]; {
	case c == '"':
		for n < len(p.text) {
			if p.text[n] == '"' {
				if n+1 < len(p.text) && p.text[n+1] == '"' {
					n += 2
					continue
				}
				break
			}
			n++
		}
		p.tok = `"` + strings.ReplaceAll(p.text[1:n], `""`, `"`)
		if n < len(p.text) {
			n++
		}
		p.text = p.text[n:]
		return p.tok
	case isWord(c):
		for n < len(p.text) && isWord(p.text[n]) {
			n++
		}
	}
	p.tok, p.text = p.text[:n], p.text[n:]
	return p.tok
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func (p *typeParser) peek() string {
	if !p.peeked {
		p.next()
		p.peeked = true
	}
	return p.tok
}

// accept takes the next token if it is the given one, in any case.
func (p *typeParser) accept(tok string) bool {
	if strings.EqualFold(p.peek(), tok) {
		p.next()
		return true
	}
	return false
}

func (p *typeParser) expect(tok string) error {
	if !p.accept(tok) {
		return fmt.Errorf("expected %q, not %q", tok, p.peek())
	}
	return nil
}

func (p *typeParser) parse() (*Type, error) {
	if p.depth++; p.depth > maxTypeDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxTypeDepth)
	}
	defer func() { p.depth-- }()
	name := p.next()
	t, err := p.named(strings.ToLower(name))
	for err == nil && p.accept("array") { // bigint array, an old spelling
		t = ArrayOf(t)
	}
	return t, err
}

func (p *typeParser) named(name string) (*Type, error) {
	switch name {
	case "double":
		p.accept("precision")
		return Double, nil
	case "interval":
		return p.interval()
	case "time", "timestamp":
		return p.time(name)
	case "row":
		return p.row()
	case "array", "map", "function":
		return p.generic(name)
	case "varchar", "char", "decimal", "dec", "numeric":
		args, err := p.numbers()
		if err != nil {
			return nil, err
		}
		return NewType(name, args)
	default:
		if p.peek() == "(" {
			return nil, fmt.Errorf("type %s takes no parameters", name)
		}
		return NewType(name, nil)
	}
}

// NewType returns the type of a simple name and its numbers: varchar(n), char(n),
// decimal(p,s), time(p), timestamp(p), and all types without parameters. The name
// is compared in any case.
func NewType(name string, args []int) (*Type, error) {
	name = strings.ToLower(name)
	bad := func(what string) (*Type, error) { return nil, fmt.Errorf("%s", what) }
	switch name {
	case "varchar":
		switch {
		case len(args) == 0:
			return Varchar, nil
		case len(args) > 1 || args[0] < 0:
			return bad("varchar takes one length")
		}
		return VarcharN(args[0]), nil
	case "char":
		switch {
		case len(args) == 0:
			return CharN(1), nil
		case len(args) > 1 || args[0] < 1 || args[0] > 65536:
			return bad("char takes one length, 1 to 65536")
		}
		return CharN(args[0]), nil
	case "decimal", "dec", "numeric":
		p, s := 38, 0
		if len(args) > 0 {
			p = args[0]
		}
		if len(args) > 1 {
			s = args[1]
		}
		switch {
		case len(args) > 2:
			return bad("decimal takes a precision and a scale")
		case p < 1 || p > 38:
			return bad(fmt.Sprintf("DECIMAL precision must be in range [1, 38]: %d", p))
		case s < 0 || s > p:
			return bad(fmt.Sprintf("DECIMAL scale must be in range [0, precision (%d)]: %d", p, s))
		}
		return Decimal(p, s), nil
	case "time", "timestamp":
		p := 3
		if len(args) > 0 {
			p = args[0]
		}
		switch {
		case len(args) > 1 || p < 0 || p > 12:
			return bad(fmt.Sprintf("%s precision must be in range [0, 12]: %d", strings.ToUpper(name), p))
		case name == "time":
			return Time(p), nil
		}
		return Timestamp(p), nil
	case "int":
		return Integer, nil
	}
	for k, n := range kindNames {
		if n == name && k != KindArray && k != KindMap && k != KindRow && k != KindFunction && k != KindTimeTZ && k != KindTimestampTZ {
			if len(args) > 0 {
				return bad("type " + name + " takes no parameters")
			}
			return &Type{Kind: k}, nil
		}
	}
	return bad("Unknown type: " + name)
}

func (p *typeParser) numbers() ([]int, error) {
	if !p.accept("(") {
		return nil, nil
	}
	var args []int
	for {
		n, err := strconv.Atoi(p.next())
		if err != nil {
			return nil, fmt.Errorf("expected a number, not %q", p.tok)
		}
		args = append(args, n)
		if p.accept(")") {
			return args, nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

func (p *typeParser) interval() (*Type, error) {
	from := p.next()
	if err := p.expect("to"); err != nil {
		return nil, err
	}
	to := p.next()
	switch {
	case strings.EqualFold(from, "day") && strings.EqualFold(to, "second"):
		return IntervalDay, nil
	case strings.EqualFold(from, "year") && strings.EqualFold(to, "month"):
		return IntervalYear, nil
	}
	return nil, fmt.Errorf("no type interval %s to %s", from, to)
}

func (p *typeParser) time(name string) (*Type, error) {
	args, err := p.numbers()
	if err != nil {
		return nil, err
	}
	t, err := NewType(name, args)
	if err != nil {
		return nil, err
	}
	zone := p.accept("with")
	if zone || p.accept("without") {
		for _, w := range []string{"time", "zone"} {
			if err := p.expect(w); err != nil {
				return nil, err
			}
		}
	}
	switch {
	case !zone:
		return t, nil
	case name == "time":
		return TimeTZ(t.Precision), nil
	default:
		return TimestampTZ(t.Precision), nil
	}
}

func (p *typeParser) generic(name string) (*Type, error) {
	open, end := "(", ")"
	if p.peek() == "<" {
		open, end = "<", ">"
	}
	if err := p.expect(open); err != nil {
		return nil, err
	}
	var elems []*Type
	for {
		t, err := p.parse()
		if err != nil {
			return nil, err
		}
		elems = append(elems, t)
		if p.accept(end) {
			break
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
	switch {
	case name == "array" && len(elems) == 1:
		return ArrayOf(elems[0]), nil
	case name == "map" && len(elems) == 2:
		return MapOf(elems[0], elems[1]), nil
	case name == "function":
		return FunctionOf(elems[:len(elems)-1], elems[len(elems)-1]), nil
	}
	return nil, fmt.Errorf("%s does not take %d types", name, len(elems))
}

// row reads the fields of a row: types, with or without names in front.
func (p *typeParser) row() (*Type, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	var fields []*Type
	var names []string
	for {
		name, t, err := p.field()
		if err != nil {
			return nil, err
		}
		fields, names = append(fields, t), append(names, name)
		if p.accept(")") {
			return RowOf(fields, names), nil
		}
		if err := p.expect(","); err != nil {
			return nil, err
		}
	}
}

// field tries a name and a type, and then a type alone: "date date" and "date" are
// both fields.
func (p *typeParser) field() (string, *Type, error) {
	p.peek()
	before := *p
	name := p.next()
	if name == "" {
		return "", nil, fmt.Errorf("unexpected end")
	}
	if name[0] == '"' {
		t, err := p.parse()
		return name[1:], t, err
	}
	if isWord(name[0]) {
		if t, err := p.parse(); err == nil && (p.peek() == "," || p.peek() == ")") {
			return strings.ToLower(name), t, nil
		}
	}
	*p = before
	t, err := p.parse()
	return "", t, err
}
