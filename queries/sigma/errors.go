package sigma

import "fmt"

// Error says why a rule is refused, or why a file holds none.
type Error struct {
	// File is the name of the rule's file, as it was given.
	File string
	// Line counts from 1.
	Line int
	// Rule is the rule's title; empty where it has none.
	Rule string
	// Reason says what is wrong and what to do.
	Reason string
}

// Error gives file, line, rule and reason in the form that editors jump to.
func (e *Error) Error() string {
	if e.Rule == "" {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason)
	}
	return fmt.Sprintf("%s:%d: rule %q: %s", e.File, e.Line, e.Rule, e.Reason)
}

// at is a mistake at a line of the file that is being read.
type at struct {
	line   int
	reason string
}

func (e *at) Error() string { return e.reason }

func refuse(line int, format string, args ...any) error {
	return &at{line, fmt.Sprintf(format, args...)}
}
