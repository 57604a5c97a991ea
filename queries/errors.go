package queries

import (
	"errors"
	"fmt"
)

var (
	// ErrNotFound reports that no saved query has the name asked for.
	ErrNotFound = errors.New("saved query not found")
	// ErrPackNotFound reports that no pack has the name asked for.
	ErrPackNotFound = errors.New("pack not found")
	// ErrParameter marks every error caused by the values given to a query:
	// an unknown parameter, a missing value, a value of the wrong type. It is a
	// mistake of the caller, not of the query's author.
	ErrParameter = errors.New("wrong parameter")
)

// FileError is a mistake in a saved query's file.
type FileError struct {
	// File is the path as it was given to the parser.
	File string
	// Line counts from 1; 0 when the mistake is of the file as a whole.
	Line int
	// Err says what is wrong.
	Err error
}

// Error gives file, line and cause in the form that editors jump to.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

// Unwrap returns Err.
func (e *FileError) Unwrap() error { return e.Err }

// ParamError is a value that a query's parameter cannot take. It matches
// ErrParameter.
type ParamError struct {
	// Query and Param are the names.
	Query, Param string
	// Type is the parameter's type; its zero value when there is no such
	// parameter.
	Type Type
	// Reason says what is wrong, with the expected type and an example.
	Reason string
}

// Error names query, parameter and reason.
func (e *ParamError) Error() string {
	return fmt.Sprintf("query %s: parameter %s: %s", e.Query, e.Param, e.Reason)
}

// Is reports whether target is ErrParameter.
func (e *ParamError) Is(target error) bool { return target == ErrParameter }
