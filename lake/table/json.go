package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// object is a JSON object whose fields are taken one by one. Names are compared exactly,
// none may come twice, and what nobody has taken in the end is unknown: encoding/json
// would let all of that pass. The first error stays; what is taken after it is zero.
//
// It works on text that json.Valid has found to be JSON.
type object struct {
	at     string // where it lies in the file, for messages; empty for the whole
	fields map[string][]byte
	err    error
}

func newObject(at string, raw []byte) *object {
	o := &object{at: at, fields: make(map[string][]byte)}
	if raw[0] != '{' {
		o.err = fmt.Errorf("%w: %s is no object", ErrInvalid, at)
		return o
	}
	for i := space(raw, 1); raw[i] != '}'; {
		end := value(raw, i)
		name, err := text(raw[i:end])
		if err != nil {
			o.fail("", err)
			return o
		}
		begin := space(raw, space(raw, end)+1) // behind the colon
		end = value(raw, begin)
		if _, ok := o.fields[name]; ok {
			o.fail(name, errors.New("is there twice"))
			return o
		}
		o.fields[name] = raw[begin:end]
		if i = space(raw, end); raw[i] == ',' {
			i = space(raw, i+1)
		}
	}
	return o
}

// elements returns the elements of an array.
func elements(raw []byte) ([][]byte, error) {
	if raw[0] != '[' {
		return nil, errors.New("is no array")
	}
	var list [][]byte
	for i := space(raw, 1); raw[i] != ']'; {
		end := value(raw, i)
		list = append(list, raw[i:end])
		if i = space(raw, end); raw[i] == ',' {
			i = space(raw, i+1)
		}
	}
	return list, nil
}

// space returns the index of the first byte from i on that is no white space.
func space(raw []byte, i int) int {
	for i < len(raw) && (raw[i] == ' ' || raw[i] == '\n' || raw[i] == '\t' || raw[i] == '\r') {
		i++
	}
	return i
}

// value returns the index of the byte behind the value that begins at i.
func value(raw []byte, i int) int {
	depth := 0
	for ; i < len(raw); i++ {
		switch raw[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // behind a number or a word
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			for i++; raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case ',', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// text returns what a JSON string says.
func text(raw []byte) (string, error) {
	if raw[0] != '"' {
		return "", errors.New("is no string")
	}
	for _, c := range raw {
		if c == '\\' || c >= 0x80 {
			var s string
			err := json.Unmarshal(raw, &s)
			return s, err
		}
	}
	return string(raw[1 : len(raw)-1]), nil
}

// name returns where a field lies in the file.
func (o *object) name(field string) string {
	if o.at == "" {
		return field
	}
	if field == "" {
		return o.at
	}
	return o.at + "." + field
}

func (o *object) fail(field string, err error) {
	if o.err == nil {
		o.err = fmt.Errorf("%w: %s: %w", ErrInvalid, o.name(field), err)
	}
}

// optional takes a field; nil when it is absent or null.
func (o *object) optional(field string) []byte {
	raw := o.fields[field]
	delete(o.fields, field)
	if o.err != nil || string(raw) == "null" {
		return nil
	}
	return raw
}

// required takes a field that has to be there.
func (o *object) required(field string) []byte {
	raw := o.optional(field)
	if raw == nil {
		o.fail(field, errors.New("is missing"))
	}
	return raw
}

// number reads a whole number that is at least lowest.
func (o *object) number(field string, raw []byte, lowest int64) int64 {
	if raw == nil {
		return 0
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		o.fail(field, fmt.Errorf("%.40s is no whole number of 64 bits", raw))
		return 0
	}
	if n < lowest {
		o.fail(field, fmt.Errorf("is %d, must be at least %d", n, lowest))
	}
	return n
}

// int64 takes a number that has to be there.
func (o *object) int64(field string, lowest int64) int64 {
	return o.number(field, o.required(field), lowest)
}

// id takes a number of 32 bits that has to be there: ids of the format are such.
func (o *object) id(field string) int {
	n := o.int64(field, 0)
	if n > 1<<31-1 {
		o.fail(field, fmt.Errorf("is %d, must be at most %d", n, 1<<31-1))
	}
	return int(n)
}

// text takes a string that has to be there and not to be empty.
func (o *object) text(field string) string {
	raw := o.required(field)
	if raw == nil {
		return ""
	}
	s, err := text(raw)
	if err == nil && s == "" {
		err = errors.New("is empty")
	}
	if err != nil {
		o.fail(field, err)
	}
	return s
}

// strings reads an object of strings.
func (o *object) strings(field string, raw []byte) map[string]string {
	m := make(map[string]string)
	if raw == nil {
		return m
	}
	all := newObject(o.name(field), raw)
	for k, v := range all.fields {
		s, err := text(v)
		if err != nil {
			all.fail(k, err)
		}
		m[k] = s
	}
	o.adopt(all.err)
	return m
}

// list reads an array, one element after the other, each of which is an object.
func (o *object) list(field string, raw []byte, read func(i int, e *object)) {
	if raw == nil {
		return
	}
	all, err := elements(raw)
	if err != nil {
		o.fail(field, err)
		return
	}
	for i, raw := range all {
		e := newObject(o.name(field)+"["+strconv.Itoa(i)+"]", raw)
		read(i, e)
		o.adopt(e.end())
	}
}

// adopt takes over the error of an object inside this one, which says where it is from.
func (o *object) adopt(err error) {
	if o.err == nil {
		o.err = err
	}
}

// end returns the first error. A field that was not taken is one.
func (o *object) end() error {
	if o.err == nil && len(o.fields) > 0 {
		o.err = fmt.Errorf("%w: field %s", ErrUnknown, o.name(slices.Min(slices.Collect(maps.Keys(o.fields)))))
	}
	return o.err
}
