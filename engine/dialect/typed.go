package dialect

// The typed tree: what the analyzer makes of a statement, and what the printers
// read. Names are resolved, types are known, every implicit coercion stands as a
// Cast. Analyze changes a tree while it makes it: it puts references to a Grouping in the
// place of keys and aggregates, and prunes what nobody reads. Afterwards OrderTotally alone
// does, before a tree is printed; the printers only read.

// Statement is an analyzed query.
type Statement struct {
	// Query is the tree; its Columns are the result's.
	Query *Query
	// Scans are all scans of stores in the tree, in the order of the text.
	Scans []*StoreScan
}

// Column is a column of a relation or of a result.
type Column struct {
	// Name is the name as written, "" for none.
	Name string
	Type *Type
	// Hidden columns can be named and are no part of *.
	Hidden bool
}

// Query is a query with its WITH, ORDER BY and LIMIT. These apply to Body in this
// order: ORDER BY, OFFSET, LIMIT.
type Query struct {
	// With are the common table expressions, each visible to those behind it.
	With []*CTE
	// Body is a *Select, a *SetOp, a *Values or another *Query.
	Body Body
	// OrderBy may hold any expression of a *Select's scope, and OutputRef.
	OrderBy []SortItem
	// Offset and Limit are bigint literals, nil for none.
	Offset, Limit Expr
	// Ties keeps the rows equal to the last one: FETCH FIRST … WITH TIES.
	Ties bool
	// Columns are the names and types of the outputs.
	Columns []Column
	// text is the same for queries in expressions of one SELECT that are the same; "" where that is
	// not known.
	text string
}

// Body is what stands between WITH and ORDER BY.
type Body interface{ body() }

func (*Query) body()  {}
func (*Select) body() {}
func (*SetOp) body()  {}
func (*Values) body() {}

// CTE is a common table expression.
type CTE struct {
	// ID is unique in the statement. It is drawn from the same numbers as
	// relations.
	ID    int
	Name  string
	Query *Query
	// Columns are the outputs under the names that references see.
	Columns []Column
	// Recursive is set when the query refers to itself. Its body is then a SetOp,
	// whose left side does not.
	Recursive bool
}

// Select is one SELECT.
type Select struct {
	Distinct bool
	// Items are the outputs, with * written out.
	Items []Expr
	// From is nil for a SELECT without FROM.
	From  Relation
	Where Expr
	// Group is nil where nothing is grouped or aggregated. Where it is set, Items,
	// Having, windows and ORDER BY refer to what it makes by GroupRef, AggRef and
	// GroupingRef, and to columns of From not at all.
	Group  *Grouping
	Having Expr
}

// Grouping is the grouping and aggregation of a Select.
type Grouping struct {
	// Keys are the grouping expressions, each once.
	Keys []Expr
	// Sets are the grouping sets as indexes of Keys. Nil means one set of all the
	// keys; an empty set is the grand total.
	Sets [][]int
	// Aggs are the aggregate calls, each once.
	Aggs []*Agg
	// Groupings are the calls of GROUPING(…), as indexes of Keys.
	Groupings [][]int
}

// SetKind is a set operation.
type SetKind uint8

// The set operations.
const (
	Union SetKind = iota
	Intersect
	Except
)

// SetOp combines two bodies of as many columns. A column whose type differs from
// that in Types is cast to it.
type SetOp struct {
	Kind        SetKind
	All         bool
	Left, Right *Query
	Types       []*Type
}

// Values is rows of expressions without columns to refer to.
type Values struct {
	Rows  [][]Expr
	Types []*Type
}

// SortItem is one key of an order. NullsFirst is the resolved default or choice.
type SortItem struct {
	X          Expr
	Desc       bool
	NullsFirst bool
}

// Relation is what stands in FROM. All relations but Join and Sample have an id,
// unique in the statement, by which ColRef names their columns.
type Relation interface{ relation() }

func (*StoreScan) relation() {}
func (*Derived) relation()   {}
func (*CTERef) relation()    {}
func (*Unnest) relation()    {}
func (*Join) relation()      {}
func (*Sample) relation()    {}

// StoreScan reads an event data store.
type StoreScan struct {
	ID int
	// Store is the name as the catalog knows it.
	Store string
	// Columns are those of the catalog, the hidden ones that can be named too.
	// ColRef indexes them.
	Columns []Column
	// Pos is the byte offset of the name in the text.
	Pos int
}

// Derived is a query in FROM. A lateral one may refer to relations to its left.
type Derived struct {
	ID      int
	Query   *Query
	Lateral bool
	// Columns are the query's under the names of the alias list, if any.
	Columns []Column
}

// CTERef reads a common table expression.
type CTERef struct {
	ID      int
	CTE     *CTE
	Columns []Column
}

// Unnest makes rows of arrays and maps. It may refer to relations to its left. Its
// columns are those of its arguments in order, and then the ordinality.
type Unnest struct {
	ID         int
	Args       []UnnestArg
	Ordinality bool
	Columns    []Column
}

// UnnestArg is one argument. An array makes one column, or one for each field of its
// rows where Expand is set; a map makes two.
type UnnestArg struct {
	X      Expr
	Expand bool
}

// JoinKind is a kind of join.
type JoinKind uint8

// The joins.
const (
	Cross JoinKind = iota
	Inner
	Left
	Right
	Full
)

// Join joins two relations. On is nil for Cross and for nothing else: USING is
// written out by the analyzer.
type Join struct {
	Kind        JoinKind
	Left, Right Relation
	On          Expr
	// Pos is the byte offset of the condition in the text.
	Pos int
}

// Sample is TABLESAMPLE.
type Sample struct {
	Rel Relation
	// System is set for SYSTEM, else the method is BERNOULLI.
	System bool
	// Percent is a double literal.
	Percent Expr
}

// Expr is a typed expression.
type Expr interface{ Type() *Type }

// Literal is a constant. Value is nil for NULL, and else by type:
//
//	boolean            bool
//	tinyint … bigint   int64
//	real, double       float64
//	decimal            *big.Int, without its scale
//	varchar, char      string
//	json               string, canonical text
//	varbinary          []byte
//	ipaddress          netip.Addr
//	uuid               uuid text
//	date               int64, days since 1970-01-01
//	time               int64, microseconds of the day
//	timestamp          int64, microseconds since 1970-01-01 00:00:00
//	timestamp w.t.z.   int64, microseconds since the epoch; the zone is the type's
//	interval day …     int64, milliseconds
//	interval year …    int64, months
//
// Fractions of microseconds are rounded away when the literal is made.
type Literal struct {
	Typ   *Type
	Value any
}

// ColRef is column Index of relation Rel, of this query or of one around it.
type ColRef struct {
	Rel, Index int
	Typ        *Type
	// Name is for people.
	Name string
}

// GroupRef is a grouping key, AggRef an aggregate, GroupingRef a GROUPING(…) of the
// Select's Grouping.
type (
	GroupRef struct {
		Index int
		Typ   *Type
		// Outer is set where a query inside of a grouped SELECT refers to its keys.
		Outer *Grouping
	}
	AggRef struct {
		Index int
		Typ   *Type
	}
	GroupingRef struct{ Index int }
)

// OutputRef is output Index of the query whose ORDER BY it stands in.
type OutputRef struct {
	Index int
	Typ   *Type
}

// Cast is CAST and, with Try, TRY_CAST. Implicit casts are coercions.
type Cast struct {
	X             Expr
	To            *Type
	Try, Implicit bool
	Pos           int
}

// Call is a call of a scalar function. Its arguments have the types of Fn.
type Call struct {
	Fn   *Overload
	Args []Expr
	Typ  *Type
	Pos  int
}

// Try is TRY(x).
type Try struct{ X Expr }

// Lambda is a lambda. The ids of its parameters are unique in the statement.
type Lambda struct {
	Params []LambdaParam
	Body   Expr
}

// LambdaParam is a parameter of a lambda.
type LambdaParam struct {
	ID   int
	Name string
	Type *Type
}

// ParamRef is a parameter of a lambda around it.
type ParamRef struct {
	ID   int
	Typ  *Type
	Name string
}

// Case is CASE and IF. Operand is nil for the searched form; else it and the When of
// all branches have one type. Results have type Typ. Else is nil for NULL.
type Case struct {
	Operand Expr
	Whens   []When
	Else    Expr
	Typ     *Type
}

// When is a branch of a CASE.
type When struct{ When, Then Expr }

// Coalesce is COALESCE of arguments of one type.
type Coalesce struct{ Args []Expr }

// NullIf is NULLIF: X unless both, cast to Common, are equal.
type NullIf struct {
	X, Y   Expr
	Common *Type
}

// CompareOp is a comparison.
type CompareOp uint8

// The comparisons.
const (
	EQ CompareOp = iota
	NE
	LT
	LE
	GT
	GE
)

// flipped are the comparisons that hold where the sides have changed places.
var flipped = [...]CompareOp{EQ: EQ, NE: NE, LT: GT, LE: GE, GT: LT, GE: LE}

// Compare compares two values of one type.
type Compare struct {
	Op   CompareOp
	L, R Expr
}

// IsDistinct is IS [NOT] DISTINCT FROM.
type IsDistinct struct {
	L, R Expr
	Not  bool
}

// Between is [NOT] BETWEEN, all of one type.
type Between struct {
	X, Low, High Expr
	Not          bool
}

// In is [NOT] IN a list, all of one type.
type In struct {
	X    Expr
	List []Expr
	Not  bool
}

// InQuery is [NOT] IN a query of one column of X's type.
type InQuery struct {
	X     Expr
	Query *Query
	Not   bool
}

// Quantified compares X with all, or any, rows of a query of one column of its type.
type Quantified struct {
	Op    CompareOp
	All   bool
	X     Expr
	Query *Query
}

// Exists is EXISTS.
type Exists struct{ Query *Query }

// ScalarQuery is a query of one column as a value. More than one row is an error, none
// is NULL.
type ScalarQuery struct {
	Query *Query
	Pos   int
}

// Like is [NOT] LIKE. Escape is nil for none.
type Like struct {
	X, Pattern, Escape Expr
	Not                bool
}

// IsNull is IS [NOT] NULL.
type IsNull struct {
	X   Expr
	Not bool
}

// Logic is AND, or OR, of two or more conditions.
type Logic struct {
	Or   bool
	Args []Expr
}

// Not is NOT.
type Not struct{ X Expr }

// ArithOp is an arithmetic operator.
type ArithOp byte

// The operators.
const (
	Add ArithOp = '+'
	Sub ArithOp = '-'
	Mul ArithOp = '*'
	Div ArithOp = '/'
	Mod ArithOp = '%'
)

// Arith is arithmetic. The types of the operands are those that Arithmetic returned.
type Arith struct {
	Op   ArithOp
	L, R Expr
	Typ  *Type
	Pos  int
}

// Negate is unary minus.
type Negate struct{ X Expr }

// Subscript is a[i] and m[k]: an error when there is no such element.
type Subscript struct {
	X, Index Expr
	Pos      int
}

// Deref is a field of a row.
type Deref struct {
	X     Expr
	Field int
}

// RowCtor is ROW(…); Typ has its names, if it has any.
type RowCtor struct {
	Fields []Expr
	Typ    *Type
}

// ArrayCtor is ARRAY[…], all of Typ's element type.
type ArrayCtor struct {
	Elems []Expr
	Typ   *Type
}

// AtTimeZone is x AT TIME ZONE zone on a timestamp with time zone. Where the zone is
// constant, Typ carries it.
type AtTimeZone struct {
	X, Zone Expr
	Typ     *Type
}

// Agg is a call of an aggregate function.
type Agg struct {
	Fn       *Overload
	Args     []Expr // none for count(*)
	Distinct bool
	Filter   Expr
	// OrderBy is that of the arguments, or WITHIN GROUP's.
	OrderBy []SortItem
	// IgnoreNulls is the null treatment, where the function takes one.
	IgnoreNulls bool
	// Total has the rows come in the order of the arguments, behind OrderBy. See OrderTotally.
	Total bool
	Typ   *Type
	Pos   int
}

// Window is a window function, or an aggregate, over a window.
type Window struct {
	Agg
	PartitionBy []Expr
	Order       []SortItem
	Frame       *Frame
	// First is how many rows of each partition are read of those that row_number numbers, 0
	// where that is not known. It changes no value that is read.
	First int64
}

// FrameUnit is the unit of a frame.
type FrameUnit uint8

// The units.
const (
	FrameRange FrameUnit = iota
	FrameRows
	FrameGroups
)

// BoundKind is a kind of frame bound.
type BoundKind uint8

// The bounds, in order.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Bound is one end of a frame. Value is set for Preceding and Following.
type Bound struct {
	Kind  BoundKind
	Value Expr
}

// Frame is the frame of a window.
type Frame struct {
	Unit       FrameUnit
	Start, End Bound
}

func (e *Literal) Type() *Type     { return e.Typ }
func (e *ColRef) Type() *Type      { return e.Typ }
func (e *GroupRef) Type() *Type    { return e.Typ }
func (e *AggRef) Type() *Type      { return e.Typ }
func (e *GroupingRef) Type() *Type { return Integer }
func (e *OutputRef) Type() *Type   { return e.Typ }
func (e *Cast) Type() *Type        { return e.To }
func (e *Call) Type() *Type        { return e.Typ }
func (e *Try) Type() *Type         { return e.X.Type() }
func (e *ParamRef) Type() *Type    { return e.Typ }
func (e *Case) Type() *Type        { return e.Typ }
func (e *Coalesce) Type() *Type    { return e.Args[0].Type() }
func (e *NullIf) Type() *Type      { return e.X.Type() }
func (e *Compare) Type() *Type     { return Boolean }
func (e *IsDistinct) Type() *Type  { return Boolean }
func (e *Between) Type() *Type     { return Boolean }
func (e *In) Type() *Type          { return Boolean }
func (e *InQuery) Type() *Type     { return Boolean }
func (e *Quantified) Type() *Type  { return Boolean }
func (e *Exists) Type() *Type      { return Boolean }
func (e *ScalarQuery) Type() *Type { return e.Query.Columns[0].Type }
func (e *Like) Type() *Type        { return Boolean }
func (e *IsNull) Type() *Type      { return Boolean }
func (e *Logic) Type() *Type       { return Boolean }
func (e *Not) Type() *Type         { return Boolean }
func (e *Arith) Type() *Type       { return e.Typ }
func (e *Negate) Type() *Type      { return e.X.Type() }
func (e *Deref) Type() *Type       { return e.X.Type().Elems[e.Field] }
func (e *RowCtor) Type() *Type     { return e.Typ }
func (e *ArrayCtor) Type() *Type   { return e.Typ }
func (e *AtTimeZone) Type() *Type  { return e.Typ }
func (e *Agg) Type() *Type         { return e.Typ }

// Type is the type of the element or value.
func (e *Subscript) Type() *Type {
	if t := e.X.Type(); t.Kind == KindMap {
		return t.Value()
	} else if t.Kind == KindArray {
		return t.Elem()
	} else {
		return t.Elems[int(e.Index.(*Literal).Value.(int64))-1] // a row takes literals only
	}
}

// Type is that of a function.
func (e *Lambda) Type() *Type {
	args := make([]*Type, len(e.Params))
	for i, p := range e.Params {
		args[i] = p.Type
	}
	return FunctionOf(args, e.Body.Type())
}
