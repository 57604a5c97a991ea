package jsonpath

import "strings"

// truth is the value of a condition: a filter has three.
type truth uint8

const (
	unknown truth = iota
	no
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// sequence evaluates a path inside of a condition, where errors make the condition
// unknown. That there are too many items ends the whole evaluation.
func (e *evaluation) sequence(n node, unwrap bool) (list []Value, ok bool) {
	if e.err != nil {
		return nil, false
	}
	current, last := e.current, e.last
	if unwrap {
		list = e.unwrapped(n)
	} else {
		list = n.eval(e)
	}
	e.current, e.last = current, last
	ok = e.err == nil
	if e.items <= maxItems {
		e.err = nil
	}
	return list, ok
}

// The order of the rules is that of Trino: in lax mode the first pair that compares as
// asked for decides, in both the first that cannot be compared.
func (c comparison) test(e *evaluation) truth {
	l, ok1 := e.sequence(c.l, true)
	r, ok2 := e.sequence(c.r, true)
	if !ok1 || !ok2 {
		return unknown
	}
	if len(l) == 0 || len(r) == 0 {
		return no
	}
	ln, ls, lc := kinds(l)
	rn, rs, rc := kinds(r)
	if lc && (rc || rs) || ls && rc {
		return unknown
	}
	found := c.op == "==" && ln && rn
	if c.op == "<>" || c.op == "!=" {
		found = ln && (rs || rc) || rn && (ls || lc)
	}
	if found && !e.path.strict {
		return yes
	}
	for _, x := range l {
		for _, y := range r {
			if !scalar(x) || !scalar(y) {
				continue
			}
			if !e.count(1) {
				return unknown
			}
			switch compareScalars(c.op, x, y) {
			case unknown:
				return unknown
			case yes:
				if !e.path.strict {
					return yes
				}
				found = true
			}
		}
	}
	return truthOf(found)
}

func scalar(v Value) bool { return v.Kind == Bool || v.Kind == String || v.Kind == Number }

// kinds says whether a sequence has nulls, scalars, and arrays or objects.
func kinds(list []Value) (null, scalars, composed bool) {
	for _, v := range list {
		switch {
		case v.Kind == Null:
			null = true
		case scalar(v):
			scalars = true
		default:
			composed = true
		}
	}
	return
}

func compareScalars(op string, x, y Value) truth {
	if x.Kind != y.Kind {
		return unknown
	}
	order, ok := 0, true
	switch x.Kind {
	case String:
		order = strings.Compare(x.Str, y.Str)
	case Bool:
		switch {
		case x.Bool == y.Bool:
		case y.Bool:
			order = -1
		default:
			order = 1
		}
	default:
		a, err1 := x.Num.typed()
		b, err2 := y.Num.typed()
		if err1 != nil || err2 != nil {
			return unknown
		}
		order, ok = compare(a, b)
	}
	switch op {
	case "==":
		return truthOf(ok && order == 0)
	case "<>", "!=":
		return truthOf(!ok || order != 0)
	case "<":
		return truthOf(ok && order < 0)
	case "<=":
		return truthOf(ok && order <= 0)
	case ">":
		return truthOf(ok && order > 0)
	default:
		return truthOf(ok && order >= 0)
	}
}

func (c junction) test(e *evaluation) truth {
	decides, other := no, yes
	if c.or {
		decides, other = yes, no
	}
	l := c.l.test(e)
	if l == decides {
		return decides
	}
	r := c.r.test(e)
	switch {
	case r == decides:
		return decides
	case l == unknown || r == unknown:
		return unknown
	}
	return other
}

func (c negation) test(e *evaluation) truth {
	switch c.c.test(e) {
	case yes:
		return no
	case no:
		return yes
	}
	return unknown
}

func (c exists) test(e *evaluation) truth {
	list, ok := e.sequence(c.n, false)
	if !ok {
		return unknown
	}
	return truthOf(len(list) > 0)
}

func (c isUnknown) test(e *evaluation) truth { return truthOf(c.c.test(e) == unknown) }

func (c startsWith) test(e *evaluation) truth {
	initial, ok := e.sequence(c.initial, false)
	if !ok || len(initial) != 1 || initial[0].Kind != String {
		return unknown
	}
	return c.texts(e, c.whole, func(s string) bool { return strings.HasPrefix(s, initial[0].Str) })
}

func (c likeRegex) test(e *evaluation) truth {
	return startsWith{}.texts(e, c.n, c.re.MatchString)
}

// texts tests each text of a sequence; what is no text makes the result unknown.
func (startsWith) texts(e *evaluation, n node, f func(string) bool) truth {
	list, ok := e.sequence(n, true)
	if !ok {
		return unknown
	}
	found := false
	for _, v := range list {
		if v.Kind != String {
			return unknown
		}
		if !e.count(1) {
			return unknown
		}
		if f(v.Str) {
			if !e.path.strict {
				return yes
			}
			found = true
		}
	}
	return truthOf(found)
}
