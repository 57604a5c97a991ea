package jsonpath

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// maxDepth bounds the nesting of documents, as Trino's parser does.
const maxDepth = 1000

// manyKeys is from how many keys on an object's are looked up, not compared with each.
const manyKeys = 40

var errEnds = errors.New("the text ends too early")

// Parse reads the JSON document that a text begins with; one of blanks is JSON's null. So it is in
// Trino. The last value of a key that stands twice counts. Texts of the value may share the memory of
// the document's.
func Parse(text string) (v Value, err error) {
	err = readDoc(text, func(p *docReader) (err error) {
		v, err = p.value(0)
		return err
	})
	return v, err
}

// pick reads of a document what its members of these names hold, one in the other, and
// checks the rest. ok is false where one of them is an array, which Path.Eval looks into;
// where there is no such value at all, found is.
func pick(text string, keys []string) (v Value, found, ok bool, err error) {
	err = readDoc(text, func(p *docReader) (err error) {
		v, found, ok, err = p.pick(0, keys)
		return err
	})
	return v, found, ok, err
}

// docReaders are used again for their stacks.
var docReaders = sync.Pool{New: func() any { return new(docReader) }}

// readDoc has the value that a text begins with read by what reads one.
func readDoc(text string, value func(*docReader) error) error {
	p := docReaders.Get().(*docReader)
	p.s, p.i = text, 0
	var err error
	if p.space(); p.i < len(text) {
		err = value(p)
	}
	if err == nil && !ends(text, p.i) {
		err = p.wrong()
	}
	// The text may be memory that its owner uses again.
	clear(p.values)
	clear(p.keys)
	p.s, p.values, p.keys = "", p.values[:0], p.keys[:0]
	docReaders.Put(p)
	return err
}

// ends says whether a value ends at an offset: one without brackets or quotes does before a blank.
func ends(text string, i int) bool {
	return i == len(text) || strings.IndexByte("}]\" \t\r\n", text[i-1]) >= 0 || strings.IndexByte(" \t\r\n", text[i]) >= 0
}

// docReader reads values. Those of lists that are not at their end are stacked.
type docReader struct {
	s      string
	i      int
	values []Value
	keys   []string
}

func (p *docReader) space() {
	for p.i < len(p.s) && (p.s[p.i] == ' ' || p.s[p.i] == '\n' || p.s[p.i] == '\t' || p.s[p.i] == '\r') {
		p.i++
	}
}

// next returns the next character that is no blank without taking it; 0 at the end.
func (p *docReader) next() byte {
	if p.space(); p.i == len(p.s) {
		return 0
	}
	return p.s[p.i]
}

// wrong is the error about the next character.
func (p *docReader) wrong() error {
	if p.i == len(p.s) {
		return errEnds
	}
	r, _ := utf8.DecodeRuneInString(p.s[p.i:])
	return fmt.Errorf("unexpected character %q behind %d bytes", r, p.i)
}

// value reads a value.
func (p *docReader) value(depth int) (Value, error) {
	switch c := p.next(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		from := len(p.values)
		err := p.each(depth, func(string) error {
			e, err := p.value(depth + 1)
			p.values = append(p.values, e)
			return err
		})
		return Value{Kind: Array, List: take(&p.values, from)}, err
	case c == '"':
		s, err := p.text()
		return Value{Kind: String, Str: s}, err
	case c == '-' || '0' <= c && c <= '9':
		s, err := p.number()
		if err != nil {
			return Value{}, err
		}
		return Value{Kind: Number, Num: parseNum(s)}, nil
	case p.word("true"):
		return Value{Kind: Bool, Bool: true}, nil
	case p.word("false"):
		return Value{Kind: Bool}, nil
	case p.word("null"):
		return Value{}, nil
	}
	return Value{}, p.wrong()
}

// object reads an object.
func (p *docReader) object(depth int) (Value, error) {
	values, keys := len(p.values), len(p.keys)
	var at map[string]int // of the keys of large objects
	err := p.each(depth, func(key string) error {
		e, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		have := p.keys[keys:]
		i := -1
		if len(have) < manyKeys {
			i = slices.Index(have, key)
		} else {
			if at == nil {
				at = make(map[string]int, 2*manyKeys)
				for i, k := range have {
					at[k] = i
				}
			}
			if j, ok := at[key]; ok {
				i = j
			} else {
				at[key] = len(have)
			}
		}
		if i >= 0 {
			p.values[values+i] = e
			return nil
		}
		p.keys, p.values = append(p.keys, key), append(p.values, e)
		return nil
	})
	return Value{Kind: Object, List: take(&p.values, values), Keys: take(&p.keys, keys)}, err
}

// take returns what is on a stack from a place on, and removes it there.
func take[T any](stack *[]T, from int) []T {
	top := (*stack)[from:]
	list := slices.Clone(top)
	clear(top)
	*stack = (*stack)[:from]
	return list
}

// pick reads what the package's function pick does, of the next value.
func (p *docReader) pick(depth int, keys []string) (v Value, found, ok bool, err error) {
	if len(keys) == 0 {
		v, err = p.value(depth)
		return v, true, true, err
	}
	if c := p.next(); c != '{' {
		return Value{}, false, c != '[', p.skip(depth)
	}
	ok = true
	err = p.each(depth, func(key string) (err error) {
		if key != keys[0] {
			return p.skip(depth + 1)
		}
		v, found, ok, err = p.pick(depth+1, keys[1:])
		return err
	})
	return v, found, ok, err
}

// skip checks the next value.
func (p *docReader) skip(depth int) error {
	switch c := p.next(); {
	case c == '{' || c == '[':
		return p.each(depth, func(string) error { return p.skip(depth + 1) })
	case c == '"':
		_, err := p.text()
		return err
	case p.word("true") || p.word("false") || p.word("null"):
		return nil
	}
	_, err := p.value(depth)
	return err
}

func (p *docReader) word(w string) bool {
	if !strings.HasPrefix(p.s[p.i:], w) {
		return false
	}
	p.i += len(w)
	return true
}

// each goes over the next value, which is an object or array, and has its values read.
// The key of an element is empty.
func (p *docReader) each(depth int, value func(key string) error) error {
	if depth >= maxDepth {
		return errors.New("the value is nested too deeply")
	}
	object, end := p.s[p.i] == '{', p.s[p.i]+2 // in ASCII
	p.i++
	for first := true; ; first = false {
		switch c := p.next(); {
		case c == end:
			p.i++
			return nil
		case !first && c != ',':
			return p.wrong()
		case !first:
			p.i++
			p.space()
		}
		key := ""
		if object {
			if p.next() != '"' {
				return p.wrong()
			}
			var err error
			if key, err = p.text(); err != nil {
				return err
			}
			if p.next() != ':' {
				return p.wrong()
			}
			p.i++
		}
		if err := value(key); err != nil {
			return err
		}
	}
}

// text reads a string.
func (p *docReader) text() (string, error) {
	plain := true
	for i := p.i + 1; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			s := p.s[p.i : i+1]
			p.i = i + 1
			if !plain {
				return unquoted(s)
			}
			return s[1 : len(s)-1], nil
		case c == '\\':
			plain = false
			i++
		case c < ' ' || c >= utf8.RuneSelf:
			plain = false
		}
	}
	p.i = len(p.s)
	return "", errEnds
}

// unquoted returns the text of a string with escapes, or with what is no UTF-8.
func unquoted(s string) (text string, err error) {
	err = json.Unmarshal([]byte(s), &text)
	return text, err
}

// number reads a number of JSON's grammar.
func (p *docReader) number() (string, error) {
	start := p.i
	digits := func() bool {
		from := p.i
		for p.i < len(p.s) && '0' <= p.s[p.i] && p.s[p.i] <= '9' {
			p.i++
		}
		return p.i > from
	}
	p.word("-")
	if !p.word("0") && !digits() {
		return "", p.wrong()
	}
	if p.word(".") && !digits() {
		return "", p.wrong()
	}
	if p.word("e") || p.word("E") {
		if !p.word("+") {
			p.word("-")
		}
		if !digits() {
			return "", p.wrong()
		}
	}
	return p.s[start:p.i], nil
}
