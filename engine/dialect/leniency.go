package dialect

import "traillake/engine/dialect/syntax"

// Leniency is something that CloudTrail Lake takes and Trino does not. The typed tree
// has it in Trino's terms, which tests check by this: what PrintTrino writes has none.
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
)

// LenientMapText is a map of JSON values given to a JSON function as text (L9). L7 and L8
// are not reported: fields that GROUP BY and the select list write in different ways are
// compared by what their names mean, and hidden columns are refused by name.
const LenientMapText Leniency = 9

// LenientUse is one use of a leniency.
type LenientUse struct {
	Leniency Leniency
	// At is the place in the text.
	At syntax.Span
}
