package jsonpath

import (
	"fmt"
	"slices"
	"strings"
)

// Error is why a path cannot be evaluated for a document.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

func fail(format string, args ...any) error { return &Error{fmt.Sprintf(format, args...)} }

func wrongType(want string, v Value) error {
	return fail("invalid item type. Expected: %s, actual: %s", want, strings.ToUpper(v.Kind.String()))
}

// maxItems bounds the items that one evaluation may look at.
const maxItems = 200_000

// evaluation is the state of one evaluation. The first error is kept: nothing that is
// evaluated behind it counts, until a condition takes it for unknown.
type evaluation struct {
	err     error
	path    *Path
	context Value
	vars    map[string]Value
	current *Value
	last    int
	items   int
	object  int64
}

// Eval returns the items that the path finds in a document. The error is an *Error: of
// structure in strict mode, of types in both, or that there are more items to look
// at than are allowed. The values of variables must include all of p.Variables.
func (p *Path) Eval(context Value, vars map[string]Value) (items []Value, err error) {
	e := &evaluation{path: p, context: context, vars: vars, last: -1}
	if items = p.root.eval(e); e.err != nil {
		return nil, e.err
	}
	return items, nil
}

// Find returns the items that the path finds in a JSON document, as Eval does. The error
// notJSON is that of Parse. Texts of the items may share the memory of the document's.
func (p *Path) Find(text string, vars map[string]Value) (items []Value, notJSON, err error) {
	if len(p.keys) > 0 {
		v, found, ok, err := pick(text, p.keys)
		switch {
		case err != nil:
			return nil, err, nil
		case ok && found:
			return []Value{v}, nil, nil
		case ok:
			return nil, nil, nil
		}
	}
	context, notJSON := Parse(text)
	if notJSON != nil {
		return nil, notJSON, nil
	}
	items, err = p.Eval(context, vars)
	return items, nil, err
}

// fail keeps the first error.
func (e *evaluation) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// failed keeps an error, and says whether there is one.
func (e *evaluation) failed(err error) bool {
	if err != nil {
		e.fail(err)
	}
	return e.err != nil
}

// count notes items looked at, and says whether to go on.
func (e *evaluation) count(n int) bool {
	if e.items += n; e.items > maxItems {
		e.fail(fail("the path looks at more than %d items", maxItems))
	}
	return e.err == nil
}

// none keeps an error and gives no items.
func (e *evaluation) none(err error) []Value {
	e.fail(err)
	return nil
}

// unwrapped is a sequence with the elements of arrays in their place, in lax mode.
func (e *evaluation) unwrapped(n node) []Value {
	list := n.eval(e)
	if e.path.strict || !slices.ContainsFunc(list, func(v Value) bool { return v.Kind == Array }) {
		return list
	}
	var out []Value
	for _, v := range list {
		if v.Kind == Array {
			if !e.count(len(v.List)) {
				return nil
			}
			out = append(out, v.List...)
		} else {
			out = append(out, v)
		}
	}
	return out
}

func (contextItem) eval(e *evaluation) []Value { return []Value{e.context} }

func (currentItem) eval(e *evaluation) []Value {
	if e.current == nil {
		return e.none(fail("@ stands outside of a filter"))
	}
	return []Value{*e.current}
}

func (lastIndex) eval(e *evaluation) []Value {
	if e.last < 0 {
		return e.none(fail("last stands outside of a subscript"))
	}
	return []Value{{Kind: Number, Num: intNum(int64(e.last))}}
}

func (n constant) eval(*evaluation) []Value { return []Value{n.v} }

func (n variable) eval(e *evaluation) []Value {
	v, ok := e.vars[n.name]
	if !ok {
		return e.none(fail("no value passed for parameter %s", n.name))
	}
	return []Value{v}
}

func (n member) eval(e *evaluation) []Value {
	var out []Value
	for _, v := range e.unwrapped(n.base) {
		if !e.count(1 + len(v.List)) {
			return nil
		}
		switch {
		case v.Kind != Object:
			if e.path.strict {
				return e.none(wrongType("OBJECT", v))
			}
		case n.any:
			out = append(out, v.List...)
		default:
			m, ok := v.member(n.key)
			if ok {
				out = append(out, m)
			} else if e.path.strict {
				return e.none(fail("structural error: missing member '%s' in JSON object", n.key))
			}
		}
	}
	return out
}

func (n descendant) eval(e *evaluation) []Value {
	var out []Value
	var walk func(v Value)
	walk = func(v Value) {
		if !e.count(1 + len(v.List)) {
			return
		}
		if v.Kind == Object {
			if m, ok := v.member(n.key); ok {
				out = append(out, m)
			}
		}
		for _, c := range v.List {
			walk(c)
		}
	}
	for _, v := range n.base.eval(e) {
		walk(v)
	}
	return out
}

func (n elements) eval(e *evaluation) []Value {
	var out []Value
	for _, v := range n.base.eval(e) {
		list := v.List
		if v.Kind != Array {
			if e.path.strict {
				return e.none(wrongType("ARRAY", v))
			}
			list = []Value{v}
		}
		if !e.count(1) {
			return nil
		}
		if n.subs == nil {
			if !e.count(len(list)) {
				return nil
			}
			out = append(out, list...)
			continue
		}
		if len(list) == 0 {
			if e.path.strict {
				return e.none(fail("structural error: invalid array subscript for empty array"))
			}
			continue
		}
		saved := e.last
		e.last = len(list) - 1
		for _, s := range n.subs {
			from := e.index(s.from, "from")
			to := from
			if s.to != nil {
				to = e.index(s.to, "to")
			}
			size := int64(len(list))
			if e.path.strict && (from < 0 || from >= size || to < 0 || to >= size || from > to) {
				return e.none(fail("structural error: invalid array subscript: [%d, %d] for array of size %d", from, to, size))
			}
			from, to = max(from, 0), min(to, size-1)
			if from <= to && e.count(int(to-from+1)) {
				out = append(out, list[from:to+1]...)
			}
		}
		e.last = saved
	}
	return out
}

func (e *evaluation) index(n node, name string) int64 {
	list := n.eval(e)
	if len(list) != 1 {
		e.fail(fail("array subscript '%s' value must be singleton numeric", name))
		return 0
	}
	num, ok := e.number(list[0])
	if !ok {
		return 0
	}
	i, err := num.index()
	e.failed(err)
	return i
}

func (n filter) eval(e *evaluation) []Value {
	var out []Value
	saved := e.current
	defer func() { e.current = saved }()
	for _, v := range e.unwrapped(n.base) {
		if !e.count(1) {
			return nil
		}
		e.current = &v
		if n.cond.test(e) == yes {
			out = append(out, v)
		}
	}
	return out
}

func (n method) eval(e *evaluation) []Value {
	var list []Value
	if n.name == "type" || n.name == "size" {
		list = n.base.eval(e)
	} else {
		list = e.unwrapped(n.base)
	}
	var out []Value
	for _, v := range list {
		if !e.count(1) {
			return nil
		}
		out = append(out, n.apply(e, v)...)
	}
	return out
}

func (n method) apply(e *evaluation, v Value) []Value {
	switch n.name {
	case "type":
		return []Value{{Kind: String, Str: v.Kind.String()}}
	case "size":
		size := 1
		if v.Kind == Array {
			size = len(v.List)
		} else if e.path.strict {
			return e.none(wrongType("ARRAY", v))
		}
		return []Value{{Kind: Number, Num: intNum(int64(size))}}
	case "keyvalue":
		if v.Kind != Object {
			return e.none(wrongType("OBJECT", v))
		}
		if !e.count(len(v.Keys)) {
			return nil
		}
		var out []Value
		for i, k := range v.Keys {
			out = append(out, Value{Kind: Object, Keys: []string{"name", "value", "id"},
				List: []Value{{Kind: String, Str: k}, v.List[i], {Kind: Number, Num: intNum(e.object)}}})
		}
		e.object++
		return out
	case "double":
		d, err := toDouble(v)
		e.failed(err)
		return []Value{d}
	}
	num, ok := e.number(v)
	if !ok {
		return nil
	}
	switch n.name {
	case "abs":
		if sign, _ := compare(num, Num{}); sign < 0 {
			var err error
			num, err = negate(num)
			e.failed(err)
		}
	case "ceiling":
		num = towards(num, true)
	case "floor":
		num = towards(num, false)
	}
	return []Value{{Kind: Number, Num: num}}
}

// number returns the number that a value is.
func (e *evaluation) number(v Value) (Num, bool) {
	if v.Kind != Number {
		e.fail(wrongType("NUMBER", v))
		return Num{}, false
	}
	n, err := v.Num.typed()
	return n, !e.failed(err)
}

func (n signed) eval(e *evaluation) []Value {
	var out []Value
	for _, v := range e.unwrapped(n.base) {
		num, ok := e.number(v)
		if ok && n.minus {
			var err error
			num, err = negate(num)
			ok = !e.failed(err)
		}
		if !ok {
			return nil
		}
		out = append(out, Value{Kind: Number, Num: num})
	}
	return out
}

func (n binary) eval(e *evaluation) []Value {
	l, r := e.unwrapped(n.l), e.unwrapped(n.r)
	if len(l) != 1 || len(r) != 1 {
		return e.none(fail("arithmetic binary expression requires singleton operands"))
	}
	x, ok1 := e.number(l[0])
	y, ok2 := e.number(r[0])
	if !ok1 || !ok2 {
		return nil
	}
	num, err := arithmetic(n.op, x, y)
	e.failed(err)
	return []Value{{Kind: Number, Num: num}}
}
