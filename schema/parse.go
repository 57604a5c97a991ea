package schema

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf16"
	"unicode/utf8"
	"unsafe"
)

// parser reads one JSON value at the start of data. It never reads past it, and it
// tells a text that is wrong (syntaxError) from one that merely ends too early
// (errShort), so that the caller can read on and try again.
type parser struct {
	data     []byte
	pos      int
	depth    int
	maxDepth int
	rec      *Record
	spaces   int         // white space seen outside strings
	lone     int         // escapes of half a surrogate pair seen
	fast     *fastReader // if not nil, tried first; padding bytes follow data
}

var errShort = errors.New("text ends inside a record")

// syntaxError is text that is no JSON, or no record.
type syntaxError struct {
	pos int
	msg string
}

func (e *syntaxError) Error() string { return e.msg }

func (p *parser) fail(format string, args ...any) error {
	return &syntaxError{pos: p.pos, msg: fmt.Sprintf(format, args...)}
}

// record parses the object at the start of data into p.rec and returns its length.
func (p *parser) record() (int, error) {
	r := p.rec
	if p.fast != nil {
		if n, ok := p.fast.record(p.data[:len(p.data)+padding], len(p.data), r); ok {
			return n, nil
		}
	}
	r.reset()
	if err := p.object(plan, r.vals); err != nil {
		return 0, err
	}
	r.raw = p.data[:p.pos]
	return p.pos, nil
}

// check reports why a well-formed object cannot be stored.
func (p *parser) check() error {
	r := p.rec
	if r.canonical {
		return nil // the fast reader has checked it
	}
	if !utf8.Valid(r.raw) {
		return &syntaxError{msg: "the text is not UTF-8"}
	}
	if !r.vals[eventTimeNode.slot].set {
		return &syntaxError{msg: "no eventTime that can be read: want a string such as 2023-07-10T12:32:49Z" + hintOf(r.raw)}
	}
	r.settle()
	return nil
}

func (p *parser) object(n *node, vals []value) error {
	if err := p.enter('{'); err != nil {
		return err
	}
	var order int // of list entries: positions of keys seen
	for first := true; ; first = false {
		more, err := p.next('}', first)
		if err != nil || !more {
			return err
		}
		key, err := p.name()
		if err != nil {
			return err
		}
		m := n.byKey[unsafe.String(unsafe.SliceData(key), len(key))]
		if n.col.Kind == KindList {
			if m == nil {
				m = n.fold(key)
			}
			order++
			if m != nil && order == 1 && (m.col.Name == "arn" || m.col.Name == "arnprefix") {
				vals[arnFirstSlot] = value{set: true, n: 1}
			}
		}
		if m == nil {
			err = p.skip()
		} else {
			err = p.into(m, vals)
		}
		if err != nil {
			return err
		}
	}
}

// fold finds a member by its key in any case: AWS writes ARN and arn.
func (n *node) fold(key []byte) *node {
	for _, m := range n.members {
		if m.col.Key != "" && bytes.EqualFold(key, []byte(m.col.Key)) {
			return m
		}
	}
	return nil
}

// into parses the next value as the value of m. A key that comes twice counts with
// its last value, as in every JSON parser that AWS's customers use; so does one that is
// written in two ways.
func (p *parser) into(m *node, vals []value) error {
	v := &vals[m.slot]
	*v = value{}
	if err := p.space(); err != nil {
		return err
	}
	c := p.data[p.pos]
	switch {
	case m.col.Kind == KindJSON:
		text, err := p.block()
		if err != nil {
			return err
		}
		*v = value{set: true, text: text}
		return nil
	case m.col.Kind == KindStruct && c == '{' && m.group():
		*v = value{set: true, n: int64(len(p.rec.entries)), count: 1}
		return p.object(m, p.entry(m))
	case m.col.Kind == KindStruct && c == '{':
		clear(vals[m.slot : m.slot+m.width()])
		v.set = true
		return p.object(m, vals)
	case m.col.Kind == KindList && c == '[':
		return p.list(m, v)
	case m.col.Kind == KindStruct || m.col.Kind == KindList:
		clear(vals[m.slot : m.slot+m.width()])
		return p.skip() // of another type: SQL NULL, and the record keeps its text
	case c == '"':
		text, err := p.str()
		if err != nil {
			return err
		}
		m.setText(v, text)
		return nil
	default:
		text, err := p.block()
		if err != nil || string(text) == "null" {
			return err
		}
		m.setText(v, text)
		return nil
	}
}

// setText gives a scalar column its value from the text of a string, or from the
// JSON text of a value of another type, which keeps numbers as delivered.
func (m *node) setText(v *value, text []byte) {
	switch m.col.Kind {
	case KindString:
		*v = value{set: true, text: text}
	case KindBool:
		switch string(text) {
		case "true":
			*v = value{set: true, n: 1}
		case "false":
			*v = value{set: true}
		}
	case KindTimestamp:
		if us, ok := parseTime(text); ok {
			*v = value{set: true, n: us}
		}
	}
}

// width returns how many slots m and its members take in their parent.
func (m *node) width() int {
	w := 1
	if m.col.Kind == KindStruct && !m.group() {
		for _, c := range m.members {
			w += c.width()
		}
	}
	return w
}

// entry adds an entry of the group m to the record. It is valid until the next one.
func (p *parser) entry(m *node) []value {
	start := len(p.rec.entries)
	p.rec.entries = slices.Grow(p.rec.entries, m.slots)[:start+m.slots]
	clear(p.rec.entries[start:])
	return p.rec.entries[start:]
}

func (p *parser) list(m *node, v *value) error {
	if err := p.enter('['); err != nil {
		return err
	}
	*v = value{set: true, n: int64(len(p.rec.entries))}
	for first := true; ; first = false {
		more, err := p.next(']', first)
		if err != nil || !more {
			return err
		}
		if err := p.space(); err != nil {
			return err
		}
		v.count++
		if entry := p.entry(m); p.data[p.pos] != '{' {
			err = p.skip()
		} else {
			err = p.object(m, entry)
		}
		if err != nil {
			return err
		}
	}
}

// block skips over a value of any type and returns its compact text.
func (p *parser) block() ([]byte, error) {
	start, spaces, lone := p.pos, p.spaces, p.lone
	if err := p.skip(); err != nil {
		return nil, err
	}
	text := p.data[start:p.pos]
	if p.spaces == spaces && p.lone == lone {
		return text, nil
	}
	from := len(p.rec.arena)
	p.rec.arena = appendCompact(p.rec.arena, text)
	return p.rec.arena[from:len(p.rec.arena):len(p.rec.arena)], nil
}

// enter consumes the bracket that opens an object or list.
func (p *parser) enter(open byte) error {
	if err := p.space(); err != nil {
		return err
	}
	if p.data[p.pos] != open {
		return p.fail("want %q, got %q", open, p.data[p.pos])
	}
	p.pos++
	if p.depth++; p.depth > p.maxDepth {
		return p.fail("nested more than %d deep", p.maxDepth)
	}
	return nil
}

// next stands between elements: it consumes the comma, or the closing bracket, and
// reports whether another element follows.
func (p *parser) next(closing byte, first bool) (bool, error) {
	if err := p.space(); err != nil {
		return false, err
	}
	c := p.data[p.pos]
	switch {
	case c == closing:
		p.pos++
		p.depth--
		return false, nil
	case first:
		return true, nil
	case c == ',':
		p.pos++
		return true, nil
	}
	return false, p.fail("want ',' or %q, got %q", closing, c)
}

// key consumes a key and its colon. It returns the key as written and reports whether it
// has escapes.
func (p *parser) key() (key []byte, escaped bool, err error) {
	if err := p.space(); err != nil {
		return nil, false, err
	}
	if p.data[p.pos] != '"' {
		return nil, false, p.fail("want a key, got %q", p.data[p.pos])
	}
	start := p.pos + 1
	if escaped, err = p.scanString(); err != nil {
		return nil, false, err
	}
	key = p.data[start : p.pos-1]
	if err := p.space(); err != nil {
		return nil, false, err
	}
	if p.data[p.pos] != ':' {
		return nil, false, p.fail("want ':' after key %q, got %q", key, p.data[p.pos])
	}
	p.pos++
	return key, escaped, nil
}

// name consumes a key and its colon and returns the key without escapes: to everyone who
// reads JSON, "event\u0054ime" is eventTime.
func (p *parser) name() ([]byte, error) {
	key, escaped, err := p.key()
	if escaped {
		key = appendUnescaped(nil, key)
	}
	return key, err
}

// skip consumes a value of any type and checks its form.
func (p *parser) skip() error {
	if err := p.space(); err != nil {
		return err
	}
	switch c := p.data[p.pos]; c {
	case '{':
		if err := p.enter('{'); err != nil {
			return err
		}
		for first := true; ; first = false {
			more, err := p.next('}', first)
			if err != nil || !more {
				return err
			}
			if _, _, err := p.key(); err != nil {
				return err
			}
			if err := p.skip(); err != nil {
				return err
			}
		}
	case '[':
		if err := p.enter('['); err != nil {
			return err
		}
		for first := true; ; first = false {
			more, err := p.next(']', first)
			if err != nil || !more {
				return err
			}
			if err := p.skip(); err != nil {
				return err
			}
		}
	case '"':
		_, err := p.scanString()
		return err
	case 't':
		return p.literal("true")
	case 'f':
		return p.literal("false")
	case 'n':
		return p.literal("null")
	default:
		return p.number()
	}
}

func (p *parser) literal(word string) error {
	rest := p.data[p.pos:]
	if len(rest) < len(word) && word[:len(rest)] == string(rest) {
		return errShort
	}
	if len(rest) < len(word) || string(rest[:len(word)]) != word {
		return p.fail("want a value, got %q", rest[0])
	}
	p.pos += len(word)
	return nil
}

// number consumes -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
func (p *parser) number() error {
	if p.data[p.pos] == '-' {
		p.pos++
	}
	if p.pos < len(p.data) && p.data[p.pos] == '0' {
		p.pos++
	} else if err := p.digits(); err != nil {
		return err
	}
	if p.pos < len(p.data) && p.data[p.pos] == '.' {
		p.pos++
		if err := p.digits(); err != nil {
			return err
		}
	}
	if p.pos < len(p.data) && p.data[p.pos]|0x20 == 'e' {
		p.pos++
		if p.pos < len(p.data) && (p.data[p.pos] == '+' || p.data[p.pos] == '-') {
			p.pos++
		}
		if err := p.digits(); err != nil {
			return err
		}
	}
	if p.pos == len(p.data) {
		return errShort
	}
	return nil
}

func (p *parser) digits() error {
	start := p.pos
	for p.pos < len(p.data) && p.data[p.pos]-'0' <= 9 {
		p.pos++
	}
	if p.pos == len(p.data) {
		return errShort
	}
	if p.pos == start {
		return p.fail("want a value, got %q", p.data[p.pos])
	}
	return nil
}

// space skips white space and makes sure that a byte follows.
func (p *parser) space() error {
	for ; p.pos < len(p.data); p.pos++ {
		switch p.data[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.spaces++
		default:
			return nil
		}
	}
	return errShort
}

// str consumes a string and returns its text without escapes.
func (p *parser) str() ([]byte, error) {
	start := p.pos + 1
	escaped, err := p.scanString()
	if err != nil {
		return nil, err
	}
	text := p.data[start : p.pos-1]
	if !escaped {
		return text, nil
	}
	from := len(p.rec.arena)
	p.rec.arena = appendUnescaped(p.rec.arena, text)
	return p.rec.arena[from:len(p.rec.arena):len(p.rec.arena)], nil
}

// plain marks the bytes that need no attention inside a string.
var plain = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 0x20 && c != '"' && c != '\\'
	}
	return t
}()

// scanString consumes the string at pos and reports whether it has escapes.
func (p *parser) scanString() (escaped bool, err error) {
	i := p.pos + 1
	for {
		for i < len(p.data) && plain[p.data[i]] {
			i++
		}
		if i >= len(p.data) {
			return false, errShort
		}
		switch c := p.data[i]; c {
		case '"':
			p.pos = i + 1
			return escaped, nil
		case '\\':
			escaped = true
			n, err := p.escape(i)
			if err != nil {
				return false, err
			}
			i += n
		default:
			p.pos = i
			return false, p.fail("control character 0x%02x inside a string", c)
		}
	}
}

// escape checks the escape at i and returns its length.
func (p *parser) escape(i int) (int, error) {
	if i+1 >= len(p.data) {
		return 0, errShort
	}
	switch p.data[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case 'u':
		if i+6 > len(p.data) {
			return 0, errShort
		}
		r, ok := hex4(p.data[i+2:])
		if !ok {
			break
		}
		if !utf16.IsSurrogate(r) {
			return 6, nil
		}
		if i+12 > len(p.data) && bytes.IndexByte(p.data[i+6:], '"') < 0 {
			return 0, errShort
		}
		if _, n := pair(p.data[i:]); n == 12 {
			return 12, nil
		}
		p.lone++
		return 6, nil
	}
	p.pos = i
	return 0, p.fail("escape \\%c inside a string", p.data[i+1])
}

// pair decodes the escape \u with four digits at the start of s, together with the
// second half of a surrogate pair if there is one, and returns its length. Half a
// pair alone becomes U+FFFD.
func pair(s []byte) (rune, int) {
	r, _ := hex4(s[2:])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if low, ok := hex4(s[8:]); ok {
			if full := utf16.DecodeRune(r, low); full != utf8.RuneError {
				return full, 12
			}
		}
	}
	return utf8.RuneError, 6
}

func hex4(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range s[:4] {
		switch {
		case c-'0' <= 9:
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// appendUnescaped appends the text of a checked string without its escapes.
func appendUnescaped(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		if s[i+1] == 'u' {
			r, n := pair(s[i:])
			dst = utf8.AppendRune(dst, r)
			s = s[i+n:]
			continue
		}
		dst = append(dst, unescapes[s[i+1]])
		s = s[i+2:]
	}
}

var unescapes = [128]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// appendCompact appends checked JSON text without the white space outside strings,
// and with U+FFFD in place of half a surrogate pair, which no engine accepts.
func appendCompact(dst, s []byte) []byte {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ' ', '\t', '\n', '\r':
		case '"':
			start := i
			for i++; s[i] != '"'; i++ {
				if s[i] != '\\' {
					continue
				}
				if s[i+1] != 'u' {
					i++
					continue
				}
				r, n := pair(s[i:])
				if r == utf8.RuneError && n == 6 {
					dst = append(append(dst, s[start:i]...), `\ufffd`...)
					start = i + 6
				}
				i += n - 1
			}
			dst = append(dst, s[start:i+1]...)
		default:
			dst = append(dst, s[i])
		}
	}
	return dst
}

// timeLayouts are the forms of time seen in records and in AWS's documentation.
var timeLayouts = []string{time.RFC3339Nano, "20060102T150405Z0700", "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"}

// parseTime reads an ISO 8601 time and returns microseconds since 1970-01-01 UTC.
// A time without a zone is UTC. Years outside 1 to 9999 are refused: no engine
// that reads the tables agrees on them.
func parseTime(s []byte) (int64, bool) {
	if us, ok := parseCanonicalTime(s); ok {
		return us, true
	}
	for _, layout := range timeLayouts {
		t, err := time.Parse(layout, string(s))
		if err == nil && t.UTC().Year() >= 1 && t.UTC().Year() <= 9999 {
			return t.UnixMicro(), true
		}
	}
	return 0, false
}

// parseCanonicalTime reads 2023-07-10T12:32:49Z, the form of nearly every time that
// CloudTrail writes, some thirty times faster than time.Parse. Anything unusual is
// left to it.
func parseCanonicalTime(s []byte) (int64, bool) {
	if len(s) != 20 || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != 'Z' {
		return 0, false
	}
	num := func(from, to int) int {
		n := 0
		for _, c := range s[from:to] {
			if c-'0' > 9 {
				return -1 << 20
			}
			n = n*10 + int(c-'0')
		}
		return n
	}
	year, month, day := num(0, 4), num(5, 7), num(8, 10)
	hour, minute, sec := num(11, 13), num(14, 16), num(17, 19)
	if year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour < 0 || hour > 23 || minute < 0 || minute > 59 || sec < 0 || sec > 59 {
		return 0, false
	}
	// Days since 1970 of a proleptic Gregorian date, counted from 1 March.
	y, m := year, month-3
	if m < 0 {
		y, m = y-1, m+12
	}
	days := y*365 + y/4 - y/100 + y/400 + (m*153+2)/5 + day - 719469
	return (int64(days)*86400 + int64(hour*3600+minute*60+sec)) * 1e6, true
}

func daysIn(year, month int) int {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 + (month+month>>3)&1
}
