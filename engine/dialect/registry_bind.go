package dialect

import (
	"fmt"
	"strings"
)

// sigType is a type in a signature, in which names stand for types and numbers:
//
//	T            any type; the same letter is the same type everywhere
//	C, O         any comparable, any orderable type
//	N            any numeric type
//	I            any integer type
//	X            any type, another one for each argument
//	varchar      any varchar, whatever its length; so for char, decimal, time and
//	             timestamp without parameters
//	varchar(x)   the same, and a result of varchar(x) has that length
//	function(a,b)  a lambda of parameter a and result b
type sigType struct {
	v     string // variable, "" for none
	t     *Type  // type without variables
	loose bool   // t stands for all types of its kind
	size  string // name of the length or precision of a loose type
	kind  TypeKind
	elems []*sigType
}

// parseSignature reads name(type, …) result; a name in front of an argument is not
// allowed; "..." behind the last argument makes it variadic.
func parseSignature(s string) *Overload {
	open := strings.IndexByte(s, '(')
	o := &Overload{Name: s[:open], Signature: s}
	depth, start := 0, open+1
	end := -1
	var parts []string
	for i := open; i < len(s) && end < 0; i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				parts, end = append(parts, s[start:i]), i
			}
		case ',':
			if depth == 1 {
				parts, start = append(parts, s[start:i]), i+1
			}
		}
	}
	for _, p := range parts {
		p = strings.TrimSpace(p)
		if p == "" {
			continue
		}
		p, o.variadic = strings.CutSuffix(p, "...")
		o.params = append(o.params, parseSigType(p))
	}
	o.result = parseSigType(strings.TrimSpace(s[end+1:]))
	return o
}

func parseSigType(s string) *sigType {
	if len(s) == 1 && s[0] >= 'A' && s[0] <= 'Z' {
		return &sigType{v: s}
	}
	name, rest, _ := strings.Cut(s, "(")
	switch name {
	case "varchar", "char", "decimal", "time", "timestamp", "time with time zone", "timestamp with time zone":
		t := looseTypes[name]
		rest, zone := strings.CutSuffix(rest, " with time zone")
		if zone {
			t = looseTypes[name+" with time zone"]
		}
		size := strings.TrimSuffix(rest, ")")
		if size != "" && size[0] >= '0' && size[0] <= '9' {
			return &sigType{t: MustType(s)}
		}
		return &sigType{t: t, loose: true, size: size}
	case "array", "map", "function":
		g := &sigType{kind: map[string]TypeKind{"array": KindArray, "map": KindMap, "function": KindFunction}[name]}
		depth, start := 0, 0
		rest = strings.TrimSuffix(rest, ")")
		for i := 0; i <= len(rest); i++ {
			switch {
			case i == len(rest) || rest[i] == ',' && depth == 0:
				if p := strings.TrimSpace(rest[start:i]); p != "" {
					g.elems = append(g.elems, parseSigType(p))
				}
				start = i + 1
			case rest[i] == '(':
				depth++
			case rest[i] == ')':
				depth--
			}
		}
		return g
	}
	return &sigType{t: MustType(s)}
}

var looseTypes = map[string]*Type{
	"varchar": Varchar, "char": CharN(1), "decimal": Decimal(38, 0), "time": Time(3), "timestamp": Timestamp(3),
	"time with time zone": TimeTZ(3), "timestamp with time zone": TimestampTZ(3),
}

// binding is what the variables of a signature stand for.
type binding struct {
	vars  map[string]*Type
	sizes map[string]int
	zone  string // of the first argument with time zone
	exact bool
}

// bind fits the arguments to the overload; nil when they do not fit. exact says that
// no argument needs a coercion. The error is that of a lambda's body.
func (o *Overload) bind(args []Arg) (*Resolution, bool, error) {
	n := len(o.params)
	if o.variadic && len(args) < n-1 || !o.variadic && len(args) != n {
		return nil, false, nil
	}
	param := func(i int) *sigType { return o.params[min(i, n-1)] }
	b := binding{vars: map[string]*Type{}, sizes: map[string]int{}, exact: true}
	for i, a := range args {
		if a.Type != nil && !b.unify(param(i), a.Type) {
			return nil, false, nil
		}
	}
	if err := b.lambdas(args, param); err != nil {
		if err == errNoFit {
			err = nil
		}
		return nil, false, err
	}
	r := &Resolution{Fn: o, Params: make([]*Type, len(args))}
	types := make([]*Type, len(args))
	for i, a := range args {
		p := param(i)
		r.Params[i] = b.instance(p, a.Type)
		types[i] = r.Params[i]
		if a.Type == nil {
			continue
		}
		if !CanCoerce(a.Type, r.Params[i]) {
			return nil, false, nil
		}
		if !a.Type.Equal(r.Params[i]) {
			b.exact = false
		}
	}
	if o.typ != nil {
		if r.Result = o.typ(types); r.Result == nil {
			return nil, false, nil
		}
	} else {
		r.Result = b.instance(o.result, nil)
	}
	return r, b.exact, nil
}

var errNoFit = fmt.Errorf("no fit")

// lambdas types the bodies until the variables stay as they are: the state of reduce
// may grow wider by its own function.
func (b *binding) lambdas(args []Arg, param func(int) *sigType) error {
	const rounds = 4 // tinyint to bigint at most
	for range rounds {
		changed := false
		for i, a := range args {
			if a.Type != nil {
				continue
			}
			p := param(i)
			if p.kind != KindFunction || len(p.elems) != a.Params+1 {
				return errNoFit
			}
			ins := make([]*Type, a.Params)
			for k := range ins {
				if ins[k] = b.instance(p.elems[k], nil); ins[k] == nil {
					return errNoFit
				}
			}
			out, err := a.Body(ins)
			if err != nil {
				return err
			}
			res := p.elems[a.Params]
			before := b.vars[res.v]
			if !b.unify(res, out) {
				return errNoFit
			}
			if res.v != "" && before != nil && !before.Equal(b.vars[res.v]) {
				changed = true
			}
		}
		if !changed {
			return nil
		}
	}
	return errNoFit
}

// unify lets the variables of s stand for what makes it a type that t coerces to.
func (b *binding) unify(s *sigType, t *Type) bool {
	switch {
	case s.v == "X":
		return true
	case s.v != "":
		if have := b.vars[s.v]; have != nil {
			c, ok := CommonType(have, t)
			if !ok {
				return false
			}
			t = c
		}
		b.vars[s.v] = t
		return allowed(s.v, t)
	case s.loose:
		if t.Kind == s.t.Kind {
			b.size(s, t)
			if b.zone == "" {
				b.zone = t.Zone
			}
			return true
		}
		if t.Kind == KindUnknown {
			return true
		}
		c := widen(t, s.t)
		if c == nil {
			return false
		}
		b.size(s, c)
		return true
	case s.t != nil:
		return CanCoerce(t, s.t)
	}
	if t.Kind == KindUnknown {
		return s.kind != KindFunction
	}
	if t.Kind != s.kind || len(t.Elems) != len(s.elems) {
		return false
	}
	for i, e := range s.elems {
		if !b.unify(e, t.Elems[i]) {
			return false
		}
	}
	return true
}

func (b *binding) size(s *sigType, t *Type) {
	if s.size == "" {
		return
	}
	n := t.Precision
	if t.IsText() {
		n = t.Length
	}
	if have, ok := b.sizes[s.size]; ok && t.IsText() && (have == Unbounded || n == Unbounded) {
		n = Unbounded
	} else if ok {
		n = max(n, have)
	}
	b.sizes[s.size] = n
}

func allowed(v string, t *Type) bool {
	if t.Kind == KindUnknown {
		return true
	}
	switch v {
	case "C":
		return t.Comparable()
	case "O":
		return t.Orderable()
	case "N":
		return t.IsNumeric()
	case "I":
		return t.IsInteger()
	}
	return true
}

// instance returns the type that s stands for; arg is the argument's type, which a
// loose parameter takes as it is.
func (b *binding) instance(s *sigType, arg *Type) *Type {
	switch {
	case s.v == "X" && arg != nil:
		return arg
	case s.v != "":
		if t := b.vars[s.v]; t != nil {
			return t
		}
		return Unknown
	case s.loose:
		if arg != nil {
			if arg.Kind == s.t.Kind {
				return arg
			}
			if c := widen(arg, s.t); c != nil && !c.IsText() {
				return c
			}
			return s.t
		}
		c := *s.t
		if c.Kind == KindTimestampTZ {
			c.Zone = b.zone
		}
		n, ok := b.sizes[s.size]
		if !ok {
			return &c
		}
		if c.IsText() {
			c.Length = n
		} else {
			c.Precision = n
		}
		return &c
	case s.t != nil:
		return s.t
	}
	c := &Type{Kind: s.kind, Elems: make([]*Type, len(s.elems))}
	for i, e := range s.elems {
		var a *Type
		if arg != nil && arg.Kind == s.kind {
			a = arg.Elems[i]
		}
		c.Elems[i] = b.instance(e, a)
	}
	return c
}
