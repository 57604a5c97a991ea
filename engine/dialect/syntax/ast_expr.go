package syntax

// Expr is an expression.
type Expr interface {
	Node
	expr()
}

// NullLit is NULL.
type NullLit struct{ Span }

// BoolLit is TRUE or FALSE.
type BoolLit struct {
	Span
	Value bool
}

// StringLit is a text.
type StringLit struct {
	Span
	Value string
}

// BinaryLit is bytes.
type BinaryLit struct {
	Span
	Value []byte
}

// IntLit is an integer; the sign is part of it.
type IntLit struct {
	Span
	Value int64
}

// DecimalLit is a number with a point, as plain digits: [-]digits.digits.
type DecimalLit struct {
	Span
	Text string
}

// DoubleLit is a number with an exponent.
type DoubleLit struct {
	Span
	Value float64
}

// TypedLit is a literal as DATE '2024-01-01': the name of a type and a text.
type TypedLit struct {
	Span
	Type  string
	Value *StringLit
}

// IntervalField is a unit of intervals, in upper case: YEAR … SECOND.
type IntervalField string

// IntervalLit is INTERVAL '…' field [TO field].
type IntervalLit struct {
	Span
	Negative bool
	Value    *StringLit
	From     IntervalField
	// To is empty for none.
	To IntervalField
}

// Param is ? or :name.
type Param struct {
	Span
	// Name is empty for ?.
	Name string
	// Index numbers the ? of the text from 0.
	Index int
}

// ColumnRef is a name alone.
type ColumnRef struct{ Ident }

// Deref is base.field. Whether the base is a relation or a row is not known yet.
type Deref struct {
	Span
	X     Expr
	Field Ident
}

// Subscript is x[i].
type Subscript struct {
	Span
	X, Index Expr
}

// Unary is + or - in front of a value.
type Unary struct {
	Span
	Op string
	X  Expr
}

// Binary is + - * / % or ||.
type Binary struct {
	Span
	Op   string
	OpAt Span
	L, R Expr
}

// Compare is a comparison: = <> < <= > >=.
type Compare struct {
	Span
	Op   string
	OpAt Span
	L, R Expr
}

// Quantified compares with ALL or ANY of a query's rows; SOME is ANY.
type Quantified struct {
	Span
	Op    string
	All   bool
	X     Expr
	Query *Query
}

// Between is [NOT] BETWEEN.
type Between struct {
	Span
	X, Low, High Expr
	Not          bool
}

// InList is [NOT] IN (…, …).
type InList struct {
	Span
	X    Expr
	List []Expr
	Not  bool
}

// InQuery is [NOT] IN (query).
type InQuery struct {
	Span
	X     Expr
	Query *Query
	Not   bool
}

// Like is [NOT] LIKE; Escape is nil for none.
type Like struct {
	Span
	X, Pattern, Escape Expr
	Not                bool
}

// IsNull is IS [NOT] NULL.
type IsNull struct {
	Span
	X   Expr
	Not bool
}

// IsDistinct is IS [NOT] DISTINCT FROM.
type IsDistinct struct {
	Span
	L, R Expr
	Not  bool
}

// Not is NOT.
type Not struct {
	Span
	X Expr
}

// Logic is AND or OR of two or more terms.
type Logic struct {
	Span
	Or    bool
	Terms []Expr
}

// AtTimeZone is x AT TIME ZONE zone; the zone is a *StringLit or an *IntervalLit.
type AtTimeZone struct {
	Span
	X, Zone Expr
}

// Call is a call of a function. SUBSTRING(a FROM b FOR c), POSITION(a IN b) and
// TRIM(… FROM …) are calls of substring, strpos and trim, ltrim or rtrim.
type Call struct {
	Span
	Name Name
	Args []Expr
	// Star is set for f(*).
	Star     bool
	Distinct bool
	OrderBy  []SortItem
	Filter   Expr
	// Nulls is the null treatment.
	Nulls NullTreatment
	// Over is nil for none.
	Over *Window
	// Overflow is what LISTAGG does with text that grows too long, nil for others.
	Overflow *ListaggOverflow
}

// NullTreatment is RESPECT NULLS or IGNORE NULLS.
type NullTreatment uint8

// The null treatments.
const (
	NullsUnset NullTreatment = iota
	RespectNulls
	IgnoreNulls
)

// ListaggOverflow is the ON OVERFLOW clause; the zero value is ERROR.
type ListaggOverflow struct {
	Truncate  bool
	Filler    *StringLit
	WithCount bool
}

// Window is a window: a name alone, or a definition.
type Window struct {
	Span
	// Name is the window that this one refers to, nil for none. Bare is set when
	// there is nothing but the name, as in OVER w.
	Name        *Ident
	Bare        bool
	PartitionBy []Expr
	OrderBy     []SortItem
	Frame       *Frame
}

// FrameUnit is the unit of a frame.
type FrameUnit uint8

// The units of frames.
const (
	FrameRange FrameUnit = iota
	FrameRows
	FrameGroups
)

// String returns the keyword.
func (u FrameUnit) String() string { return [...]string{"RANGE", "ROWS", "GROUPS"}[u] }

// BoundKind is a kind of frame bound.
type BoundKind uint8

// The kinds of bounds, in order.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Bound is one end of a frame; Value is set for Preceding and Following.
type Bound struct {
	Span
	Kind  BoundKind
	Value Expr
}

// Frame is the frame of a window. Without BETWEEN the end is the current row, and
// End.Span is empty.
type Frame struct {
	Span
	Unit       FrameUnit
	Start, End Bound
	Between    bool
}

// Lambda is (a, b) -> body.
type Lambda struct {
	Span
	Params []Ident
	Body   Expr
}

// Subquery is a query as a value.
type Subquery struct {
	Span
	Query *Query
}

// Exists is EXISTS (query).
type Exists struct {
	Span
	Query *Query
}

// Case is CASE; Operand is nil for the searched form, Else for none.
type Case struct {
	Span
	Operand Expr
	Whens   []When
	Else    Expr
}

// When is one branch of a CASE.
type When struct {
	Span
	When, Then Expr
}

// Cast is CAST or TRY_CAST.
type Cast struct {
	Span
	Try bool
	X   Expr
	To  *Type
}

// ArrayCtor is ARRAY[…].
type ArrayCtor struct {
	Span
	Elems []Expr
}

// RowCtor is ROW(…) or (…, …).
type RowCtor struct {
	Span
	Fields []Expr
}

// Current is one of the keywords that need no parentheses, in upper case:
// CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP, LOCALTIME, LOCALTIMESTAMP,
// CURRENT_USER, CURRENT_CATALOG, CURRENT_SCHEMA, CURRENT_PATH.
type Current struct {
	Span
	What string
	// Precision is -1 where none is given.
	Precision int
}

// Extract is EXTRACT(field FROM x).
type Extract struct {
	Span
	Field Ident
	X     Expr
}

// Grouping is GROUPING(a, b).
type Grouping struct {
	Span
	Args []Expr
}

// Type is a type as written.
type Type struct {
	Span
	// Text is the type in the form of the registry, lower case: map(varchar,json).
	Text string
}

func (*NullLit) expr()     {}
func (*BoolLit) expr()     {}
func (*StringLit) expr()   {}
func (*BinaryLit) expr()   {}
func (*IntLit) expr()      {}
func (*DecimalLit) expr()  {}
func (*DoubleLit) expr()   {}
func (*TypedLit) expr()    {}
func (*IntervalLit) expr() {}
func (*Param) expr()       {}
func (*ColumnRef) expr()   {}
func (*Deref) expr()       {}
func (*Subscript) expr()   {}
func (*Unary) expr()       {}
func (*Binary) expr()      {}
func (*Compare) expr()     {}
func (*Quantified) expr()  {}
func (*Between) expr()     {}
func (*InList) expr()      {}
func (*InQuery) expr()     {}
func (*Like) expr()        {}
func (*IsNull) expr()      {}
func (*IsDistinct) expr()  {}
func (*Not) expr()         {}
func (*Logic) expr()       {}
func (*AtTimeZone) expr()  {}
func (*Call) expr()        {}
func (*Lambda) expr()      {}
func (*Subquery) expr()    {}
func (*Exists) expr()      {}
func (*Case) expr()        {}
func (*Cast) expr()        {}
func (*ArrayCtor) expr()   {}
func (*RowCtor) expr()     {}
func (*Current) expr()     {}
func (*Extract) expr()     {}
func (*Grouping) expr()    {}
