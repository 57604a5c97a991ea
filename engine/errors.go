package engine

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

var (
	// ErrTimeout marks queries that ran longer than Request.Timeout.
	ErrTimeout = errors.New("query timed out")
	// ErrMemory marks queries that need more memory or temporary disk than allowed.
	ErrMemory = errors.New("query needs more memory than allowed")
)

// StatementError is an error in the text of a query. Its text names the position,
// repeats the line and marks the place with a caret, where the place is known.
type StatementError struct {
	// Message says what is wrong, lower case, one line or more.
	Message string
	// Code is Trino's name of the error where the dialect is Trino's.
	Code string
	// Line and Column are 1-based, in characters; 0 where the place is unknown.
	Line, Column int
	// Text is the line of the statement.
	Text string
}

func (e *StatementError) Error() string {
	if e.Line == 0 {
		return printable(e.Message)
	}
	// Tabs stay, so that the caret stands where the terminal puts the character.
	pad := strings.Map(func(r rune) rune {
		if r == '\t' {
			return r
		}
		return ' '
	}, string([]rune(e.Text)[:e.Column-1]))
	return fmt.Sprintf("line %d, column %d: %s\n  %s\n  %s^", e.Line, e.Column, printable(e.Message), printable(e.Text), pad)
}

// printable replaces control characters but tab and newline, and what is no UTF-8, by U+FFFD:
// a statement may be any file, and the terminal must not obey it.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && r != '\n' && unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, s)
}

// errorAt returns a StatementError for a byte offset in text; a negative offset is
// an unknown place.
func errorAt(text string, offset int, format string, args ...any) *StatementError {
	e := &StatementError{Message: fmt.Sprintf(format, args...)}
	if offset < 0 || offset > len(text) {
		return e
	}
	before := text[:offset]
	start := strings.LastIndexByte(before, '\n') + 1
	end := len(text)
	if i := strings.IndexByte(text[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	e.Line = strings.Count(before, "\n") + 1
	e.Column = utf8.RuneCountInString(text[start:offset]) + 1
	e.Text = strings.TrimSuffix(text[start:end], "\r")
	if n := utf8.RuneCountInString(e.Text); e.Column > n+1 {
		e.Column = n + 1
	}
	return e
}
