package syntax

import "strings"

// Node is a part of the tree with its place in the text.
type Node interface{ At() Span }

// Ident is a name as written, without its quotes. Names are compared in any case.
type Ident struct {
	Span
	Name   string
	Quoted bool
}

// Name is a name of one or more parts.
type Name []Ident

// At returns the place of the whole name.
func (n Name) At() Span { return Span{n[0].Start, n[len(n)-1].End} }

// String returns the parts with points between them, without quotes.
func (n Name) String() string {
	parts := make([]string, len(n))
	for i, p := range n {
		parts[i] = p.Name
	}
	return strings.Join(parts, ".")
}

// Query is a query with WITH, ORDER BY and limits.
type Query struct {
	Span
	With    *With
	Body    Body
	OrderBy []SortItem
	// Offset is an *IntLit or a *Param, nil for none.
	Offset Expr
	// Limit is an *IntLit or a *Param, nil for none and for LIMIT ALL. FETCH FIRST
	// sets it, too.
	Limit Expr
	// Ties is set by FETCH FIRST … WITH TIES.
	Ties bool
}

// With is a list of common table expressions.
type With struct {
	Span
	Recursive bool
	Queries   []*NamedQuery
}

// NamedQuery is one common table expression.
type NamedQuery struct {
	Span
	Name    Ident
	Columns []Ident
	Query   *Query
}

// Body is a *Select, *SetOp, *Values, *Table or, in parentheses, a *Query.
type Body interface {
	Node
	body()
}

func (*Query) body()  {}
func (*Select) body() {}
func (*SetOp) body()  {}
func (*Values) body() {}
func (*Table) body()  {}

// Select is one SELECT.
type Select struct {
	Span
	Distinct bool
	Items    []SelectItem
	// From are the relations that commas separate.
	From   []Relation
	Where  Expr
	Group  *GroupBy
	Having Expr
	// Windows are the definitions of the WINDOW clause.
	Windows []NamedWindow
}

// SelectItem is an expression, or a star where Star is set. A star may have a row or
// a relation in front of it, in X, and Columns behind it.
type SelectItem struct {
	Span
	X       Expr
	Alias   *Ident
	Star    bool
	Columns []Ident
}

// GroupBy is the GROUP BY clause.
type GroupBy struct {
	Span
	// Distinct removes grouping sets that are there twice.
	Distinct bool
	Elements []GroupingElement
}

// GroupingKind is the kind of a grouping element.
type GroupingKind uint8

// The kinds of grouping elements.
const (
	// GroupSimple is one set: an expression, or several in parentheses.
	GroupSimple GroupingKind = iota
	// GroupRollup is ROLLUP, GroupCube is CUBE, GroupSets is GROUPING SETS.
	GroupRollup
	GroupCube
	GroupSets
)

// GroupingElement is one element of GROUP BY, a list of sets of expressions. A
// GroupSimple has one set.
type GroupingElement struct {
	Span
	Kind GroupingKind
	Sets [][]Expr
}

// NamedWindow is a definition of the WINDOW clause.
type NamedWindow struct {
	Span
	Name   Ident
	Window *Window
}

// SetKind is a set operation.
type SetKind uint8

// The set operations.
const (
	Union SetKind = iota
	Intersect
	Except
)

// String returns the keyword.
func (k SetKind) String() string { return [...]string{"UNION", "INTERSECT", "EXCEPT"}[k] }

// SetOp combines two bodies.
type SetOp struct {
	Span
	Kind        SetKind
	All         bool
	Left, Right Body
}

// Values is rows of values; a row of one column is not a *RowCtor.
type Values struct {
	Span
	Rows []Expr
}

// Table is TABLE name.
type Table struct {
	Span
	Ref *TableRef
}

// SortItem is one key of an order.
type SortItem struct {
	Span
	X    Expr
	Desc bool
	// Nulls is where NULLs go.
	Nulls NullOrder
}

// NullOrder says where NULLs go in an order.
type NullOrder uint8

// The orders of NULLs.
const (
	// NullsDefault is Trino's default: last, in both directions.
	NullsDefault NullOrder = iota
	NullsFirst
	NullsLast
)

// Relation stands in FROM.
type Relation interface {
	Node
	relation()
}

func (*TableRef) relation()    {}
func (*SubqueryRel) relation() {}
func (*Unnest) relation()      {}
func (*Join) relation()        {}
func (*Aliased) relation()     {}
func (*Sample) relation()      {}

// TableRef names a table or a common table expression.
type TableRef struct {
	Span
	// Name is the name. The bare id of a store, and $EDS_ID, are one part.
	Name Name
	// ID is set when the name is the bare id of an event data store.
	ID bool
	// Placeholder is set for $EDS_ID.
	Placeholder bool
	// Param is a parameter in the place of the name; Name is nil then.
	Param *Param
}

// SubqueryRel is a query as a relation, LATERAL or not.
type SubqueryRel struct {
	Span
	Query   *Query
	Lateral bool
}

// Unnest is UNNEST(…) [WITH ORDINALITY].
type Unnest struct {
	Span
	Args       []Expr
	Ordinality bool
}

// JoinKind is a kind of join.
type JoinKind uint8

// The kinds of joins.
const (
	CrossJoin JoinKind = iota
	InnerJoin
	LeftJoin
	RightJoin
	FullJoin
)

// String returns the keywords.
func (k JoinKind) String() string {
	return [...]string{"CROSS JOIN", "INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"}[k]
}

// Join joins two relations. On, Using and Natural exclude each other.
type Join struct {
	Span
	Kind        JoinKind
	Natural     bool
	Left, Right Relation
	On          Expr
	Using       []Ident
}

// Aliased gives a relation a name and, perhaps, its columns names.
type Aliased struct {
	Span
	Rel     Relation
	Alias   Ident
	Columns []Ident
}

// Sample is TABLESAMPLE.
type Sample struct {
	Span
	Rel     Relation
	System  bool
	Percent Expr
}
