package dialect

// Resolve chooses the overload for a call of the function of the given name, in any
// case. The error is a *FunctionError, or what an Arg's Body returned.
func Resolve(name string, args []Arg) (*Resolution, error) {
	return nil, &FunctionError{Code: "FUNCTION_NOT_FOUND", Message: "Function '" + name + "' not registered"}
}

// Arithmetic returns the types of operands and result of an operator, or false when
// there is no such operator on these types. The operands are to be cast to the
// types returned; those of a timestamp and an interval stay as they are.
func Arithmetic(op ArithOp, l, r *Type) (lt, rt, result *Type, ok bool) {
	return nil, nil, nil, false
}

// CommonType returns the type that both types coerce to, or false.
func CommonType(a, b *Type) (*Type, bool) { return nil, false }

// CanCoerce says whether a value of type from may stand where to is wanted.
func CanCoerce(from, to *Type) bool { return false }

// CanCast says whether CAST from one type to the other exists.
func CanCast(from, to *Type) bool { return false }
