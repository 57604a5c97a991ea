package dialect

import (
	"fmt"
	"slices"
	"strings"
)

// Overload is one signature of a function of the registry, which is the list of all
// that a query may call.
type Overload struct {
	// Name is the function's name in lower case.
	Name string
	// Kind says where the function may stand.
	Kind FunctionKind
	// Signature is the text of the declaration, such as
	// element_at(map(K,V), K) V.
	Signature string
	// Varies says that the function may give another value each time for the same arguments.
	Varies bool
	// ByOrder says that the value of an aggregate may depend on the order in which rows come: that
	// of floating-point numbers does, since it is rounded at every step.
	ByOrder bool

	params   []*sigType
	result   *sigType
	variadic bool   // the last parameter may stand any number of times, also none
	duck     string // how it is printed for DuckDB, see template
	special  func(p *duckPrinter, c *Call) string
	typ      func(args []*Type) *Type // the result where the notation cannot say it
}

// FunctionKind is a kind of function.
type FunctionKind uint8

// The kinds. Aggregates may also stand over a window.
const (
	Scalar FunctionKind = iota
	Aggregate
	WindowOnly
)

// Arg is an argument of a call as the analyzer knows it before the overload is
// chosen.
type Arg struct {
	// Type is the argument's type; nil for a lambda.
	Type *Type
	// Params is the number of a lambda's parameters.
	Params int
	// Body gives the type of a lambda's body for parameters of the given types. It
	// may be called more than once; the last call counts.
	Body func(params []*Type) (*Type, error)
}

// Resolution is the overload that fits a call.
type Resolution struct {
	Fn *Overload
	// Params are the types of the arguments, to which the analyzer casts those that
	// have another; for a lambda a function type, to whose result the body is cast.
	Params []*Type
	// Result is the type of the call.
	Result *Type
}

// FunctionError says why no overload fits.
type FunctionError struct {
	// Code is Trino's name of the error.
	Code string
	// Message is Trino's text, with a suggestion where there is one.
	Message string
}

func (e *FunctionError) Error() string { return e.Message }

// spec declares one overload: its signature, and how DuckDB computes it.
type spec struct {
	sig  string
	duck string
	fn   func(p *duckPrinter, c *Call) string
	typ  func(args []*Type) *Type
	// varies and byOrder: see Overload.
	varies, byOrder bool
}

// registry holds the overloads by name, in order of declaration.
var registry = map[string][]*Overload{}

func init() {
	for _, s := range scalarFunctions() {
		declare(Scalar, s)
	}
	for _, s := range aggregateFunctions {
		declare(Aggregate, s)
	}
	for _, s := range windowFunctions {
		declare(WindowOnly, s)
	}
	for alias, name := range functionAliases {
		if registry[name] == nil || registry[alias] != nil {
			panic("BUG: alias " + alias)
		}
		registry[alias] = registry[name]
	}
}

func declare(kind FunctionKind, s spec) {
	o := parseSignature(s.sig)
	o.Kind, o.Varies, o.ByOrder, o.duck, o.special, o.typ = kind, s.varies, s.byOrder, s.duck, s.fn, s.typ
	registry[o.Name] = append(registry[o.Name], o)
}

// Functions returns the names of all functions, sorted.
func Functions() []string {
	names := make([]string, 0, len(registry))
	for n := range registry {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Overloads returns the overloads of the function of the given name in any case, nil
// when there is none. The caller must not change them.
func Overloads(name string) []*Overload { return registry[strings.ToLower(name)] }

// Resolve chooses the overload for a call of the function of the given name, in any
// case. The error is a *FunctionError, or what an Arg's Body returned.
func Resolve(name string, args []Arg) (*Resolution, error) {
	key := strings.ToLower(name)
	overloads := registry[key]
	if overloads == nil {
		return nil, unknownFunction(key)
	}
	var fits []*Resolution
	var bodyErr error
	for _, o := range overloads {
		r, exact, err := o.bind(args)
		if err != nil {
			bodyErr = err
		}
		if r == nil {
			continue
		}
		if exact {
			// Bind again, so that the bodies were last typed for this overload.
			fits = []*Resolution{r}
			break
		}
		fits = append(fits, r)
	}
	if len(fits) == 0 {
		if bodyErr != nil {
			return nil, bodyErr
		}
		return nil, noOverload(key, args, overloads)
	}
	best := fits[0]
	for _, r := range fits[1:] {
		if moreSpecific(r, best) && !moreSpecific(best, r) {
			best = r
		}
	}
	r, _, err := best.Fn.bind(args)
	return r, err
}

// moreSpecific says whether each parameter of a coerces to that of b.
func moreSpecific(a, b *Resolution) bool {
	if len(a.Params) != len(b.Params) {
		return false
	}
	for i := range a.Params {
		if !CanCoerce(a.Params[i], b.Params[i]) {
			return false
		}
	}
	return true
}

func unknownFunction(name string) error {
	if why, ok := refusedFunctions[name]; ok {
		return &FunctionError{"NOT_SUPPORTED", fmt.Sprintf("Function '%s' is not supported: %s", name, why)}
	}
	msg := fmt.Sprintf("Function '%s' not registered", name)
	if s := closest(name, Functions()); s != "" && foreignFunctions[name] == "" {
		msg += fmt.Sprintf(". Did you mean '%s'?", s)
	}
	return &FunctionError{"FUNCTION_NOT_FOUND", msg}
}

func noOverload(name string, args []Arg, overloads []*Overload) error {
	given := make([]string, len(args))
	for i, a := range args {
		switch {
		case a.Type != nil:
			given[i] = a.Type.brief()
		default:
			given[i] = "<function>"
		}
	}
	sigs := make([]string, len(overloads))
	for i, o := range overloads {
		sigs[i], _ = strings.CutPrefix(o.shown(), " ")
	}
	return &FunctionError{"FUNCTION_NOT_FOUND", fmt.Sprintf("Unexpected parameters (%s) for function %s. Expected: %s",
		strings.Join(given, ", "), name, strings.Join(sigs, ", "))}
}

// shown is the signature without its result.
func (o *Overload) shown() string {
	depth := 0
	for i, r := range o.Signature {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return o.Signature[:i+1]
			}
		}
	}
	return o.Signature
}

// closest returns the candidate nearest to name, "" when none is near.
func closest(name string, candidates []string) string {
	best, at := "", max(1, len(name)/3)+1
	for _, c := range candidates {
		if d := editDistance(name, c, at); d < at {
			best, at = c, d
		}
	}
	return best
}

// editDistance is Levenshtein's, or limit where it would be that or more.
func editDistance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost++
			}
			diag = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return min(row[len(b)], limit)
}
