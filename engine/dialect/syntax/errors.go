package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Code is the name of an error, as Trino spells it.
type Code string

// The codes that reading a text can give.
const (
	// CodeSyntax marks text that the grammar does not allow.
	CodeSyntax Code = "SYNTAX_ERROR"
	// CodeNotSupported marks what Trino has and this dialect refuses.
	CodeNotSupported Code = "NOT_SUPPORTED"
	// CodeInvalidLiteral marks a literal whose text is no value of its type.
	CodeInvalidLiteral Code = "INVALID_LITERAL"
	// CodeTooLarge marks text that is too long or too deeply nested.
	CodeTooLarge Code = "QUERY_TEXT_TOO_LARGE"
)

// Error is a mistake in the text of a query.
type Error struct {
	// Code is Trino's name of the error.
	Code Code
	// Message says what is wrong, in Trino's words where Trino has some.
	Message string
	// Hint is one sentence on what to do about it, or empty.
	Hint string
	// Line and Column are the place, 1-based, in code points.
	Line, Column int
	// Offset and End are the place in bytes.
	Offset, End int
}

// Error returns the text as Trino shows it, and the hint behind it.
func (e *Error) Error() string {
	s := fmt.Sprintf("line %d:%d: %s", e.Line, e.Column, e.Message)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

// ErrorAt returns an error at a place in text.
func ErrorAt(text string, at Span, code Code, format string, args ...any) *Error {
	e := &Error{Code: code, Message: fmt.Sprintf(format, args...), Offset: at.Start, End: at.End}
	e.Line, e.Column = Position(text, at.Start)
	return e
}

// Position returns the 1-based line and column of a byte offset, counting code
// points. Only a line feed ends a line.
func Position(text string, offset int) (line, column int) {
	before := text[:min(max(offset, 0), len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}
