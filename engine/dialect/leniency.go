package dialect

import "traillake/engine/dialect/syntax"

// Leniency is something that CloudTrail Lake takes and Trino does not. A printer for
// a real Trino has to write it in another way.
type Leniency uint8

// The leniencies, in the order of the documentation.
const (
	// LenientBareID is the bare id of an event data store in FROM (L1).
	LenientBareID Leniency = iota + 1
	// LenientTimeText is a date or a timestamp compared with text (L2).
	LenientTimeText
	// LenientBooleanText is text compared with TRUE or FALSE (L3).
	LenientBooleanText
	// LenientUnnestRow is UNNEST of an array of rows as one column (L4).
	LenientUnnestRow
	// LenientJSONPath is a hyphen in an unquoted step of a JSON path (L5).
	LenientJSONPath
	// LenientSemicolon is the semicolon behind the statement (L6).
	LenientSemicolon
	// LenientGroupField is a field of a row that GROUP BY and the select list write
	// in different ways (L7). It is not reported: names are resolved before they are
	// compared.
	LenientGroupField
	// LenientHiddenColumn is a hidden column (L8). It is not reported, for such columns
	// are refused by name.
	LenientHiddenColumn
	// LenientMapText is a map of JSON values given to a JSON function as text (L9).
	LenientMapText
)

// LenientUse is one use of a leniency.
type LenientUse struct {
	Leniency Leniency
	// At is the place in the text that is to be written in another way.
	At syntax.Span
}
