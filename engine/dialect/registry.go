package dialect

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

	params   []*sigType
	result   *sigType
	variadic bool // the last parameter may stand any number of times, also none
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
	// Value is the value of a constant, nil where it is none, see Literal.
	Value any
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

type sigType struct{}
