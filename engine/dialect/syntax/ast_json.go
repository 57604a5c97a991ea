package syntax

// JSONInput is a value that is read as JSON: expression [FORMAT JSON [ENCODING …]].
type JSONInput struct {
	Span
	X Expr
	// Format is set where FORMAT JSON stands there.
	Format bool
	// Encoding is UTF8, UTF16, UTF32 or empty.
	Encoding string
}

// JSONArgument is a variable of a JSON path: value AS name.
type JSONArgument struct {
	Span
	Value *JSONInput
	Name  Ident
}

// JSONBehavior is what a call gives ON EMPTY or ON ERROR.
type JSONBehavior struct {
	Span
	// What is ERROR, NULL, DEFAULT, EMPTY ARRAY, EMPTY OBJECT, TRUE, FALSE or UNKNOWN.
	What string
	// Default is set for DEFAULT.
	Default Expr
}

// JSONPathCall is JSON_EXISTS, JSON_QUERY or JSON_VALUE.
type JSONPathCall struct {
	Span
	// Func is the function in upper case.
	Func  string
	Input *JSONInput
	Path  *StringLit
	// PathName is nil for none. It means nothing.
	PathName *Ident
	Passing  []*JSONArgument
	// Returning, Format and Encoding are those of the result.
	Returning *Type
	Format    bool
	Encoding  string
	// Wrapper is empty, WITHOUT, CONDITIONAL or UNCONDITIONAL.
	Wrapper string
	// Quotes is empty, KEEP or OMIT.
	Quotes string
	// OnEmpty and OnError are nil where the clause is not there.
	OnEmpty, OnError *JSONBehavior
}

// JSONMember is a member of JSON_OBJECT, or an element of JSON_ARRAY, whose Key is nil.
type JSONMember struct {
	Span
	Key   Expr
	Value *JSONInput
}

// JSONCtor is JSON_OBJECT or JSON_ARRAY.
type JSONCtor struct {
	Span
	Object  bool
	Members []*JSONMember
	// Nulls is empty, NULL or ABSENT; Unique is empty, WITH or WITHOUT.
	Nulls, Unique string
	// Returning, Format and Encoding are those of the result.
	Returning *Type
	Format    bool
	Encoding  string
}

func (*JSONPathCall) expr() {}
func (*JSONCtor) expr()     {}
