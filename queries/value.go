package queries

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Type is the type of a parameter.
type Type uint8

// The types of parameters, by the names that a file uses for them in lower case.
const (
	// TypeString is text; its literal is a varchar.
	TypeString Type = iota + 1
	// TypeInteger is a 64-bit number.
	TypeInteger
	// TypeDouble is a 64-bit floating-point number, neither infinite nor NaN.
	TypeDouble
	// TypeBoolean is true or false.
	TypeBoolean
	// TypeTimestamp is a time in UTC with milliseconds. Values are times such
	// as 2026-05-01, 2026-05-01 12:30, 2026-05-01T12:30:00Z, or expressions such
	// as now - 7 days, start of day, start of month - 1 month; 7d is now - 7 days.
	TypeTimestamp
	// TypeDate is a day in UTC: a date, or an expression as for TypeTimestamp.
	TypeDate
	// TypeStrings is a list of texts, separated by commas, for use as
	// IN (:name). The empty text is a list of one empty text, so that IN and NOT
	// IN mean what they say.
	TypeStrings
)

var typeNames = map[Type]string{
	TypeString: "string", TypeInteger: "integer", TypeDouble: "double", TypeBoolean: "boolean",
	TypeTimestamp: "timestamp", TypeDate: "date", TypeStrings: "strings",
}

// ParseType finds a type by its name.
func ParseType(name string) (Type, error) {
	for t, n := range typeNames {
		if n == name {
			return t, nil
		}
	}
	return 0, fmt.Errorf("no type %q; the types are string, strings, integer, double, boolean, timestamp, date", name)
}

// String returns the name that files use.
func (t Type) String() string {
	if n, ok := typeNames[t]; ok {
		return n
	}
	return "unknown"
}

// Example returns the text of a value that the type takes.
func (t Type) Example() string {
	switch t {
	case TypeInteger:
		return "20"
	case TypeDouble:
		return "0.5"
	case TypeBoolean:
		return "true"
	case TypeTimestamp:
		return "2026-05-01 12:30:00"
	case TypeDate:
		return "2026-05-01"
	case TypeStrings:
		return "one, two"
	default:
		return "some text"
	}
}

// examples returns what to write for the type, for people.
func (t Type) examples() string {
	switch t {
	case TypeTimestamp:
		return t.Example() + ", 7d or now - 7 days"
	case TypeDate:
		return t.Example() + " or start of month"
	default:
		return t.Example()
	}
}

// Value is a parameter's value. The zero Value is of no type and prints as NULL.
type Value struct {
	// Type is the parameter's type.
	Type Type
	// Data is a string, []string, int64, float64, bool or time.Time (UTC),
	// as Type says.
	Data any
}

// maxText bounds a text value. CloudTrail Lake's statements have at most 10 000
// characters in all; ours have room for a long list of addresses.
const maxText = 64 << 10

// ParseValue reads text as a value of type t. Expressions of time are relative
// to now.
func ParseValue(t Type, text string, now time.Time) (Value, error) {
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		return Value{}, errors.New("not valid text: it holds a NUL or is no UTF-8")
	}
	if len(text) > maxText {
		return Value{}, fmt.Errorf("%d bytes long; at most %d are allowed", len(text), maxText)
	}
	data, err := parseData(t, text, now)
	if err != nil {
		return Value{}, err
	}
	return Value{Type: t, Data: data}, nil
}

func parseData(t Type, text string, now time.Time) (any, error) {
	trimmed := strings.TrimSpace(text)
	switch t {
	case TypeString:
		return text, nil
	case TypeStrings:
		list := strings.Split(text, ",")
		for i := range list {
			list[i] = strings.TrimSpace(list[i])
		}
		return list, nil
	case TypeInteger:
		n, err := strconv.ParseInt(trimmed, 10, 64)
		// The least integer has no literal: it is the negation of a number
		// that is too large.
		if err != nil || n == math.MinInt64 {
			return nil, fmt.Errorf("%q is no integer", text)
		}
		return n, nil
	case TypeDouble:
		f, err := strconv.ParseFloat(trimmed, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, fmt.Errorf("%q is no finite number", text)
		}
		return f, nil
	case TypeBoolean:
		switch strings.ToLower(trimmed) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", text)
	case TypeTimestamp:
		return parseTime(trimmed, now)
	case TypeDate:
		at, err := parseTime(trimmed, now)
		return at.Truncate(24 * time.Hour), err
	default:
		return nil, fmt.Errorf("BUG: value of type %d", t)
	}
}

// SQL returns the value as a literal that Trino and DuckDB read alike. It is
// closed in itself: put between blanks it neither ends early nor takes in what
// follows.
func (v Value) SQL() string {
	switch d := v.Data.(type) {
	case string:
		return quote(d)
	case []string:
		parts := make([]string, len(d))
		for i, s := range d {
			parts[i] = quote(s)
		}
		return strings.Join(parts, ", ")
	case int64:
		return parenthesised(strconv.FormatInt(d, 10))
	case float64:
		// The exponent makes it a double; 0.5 alone is a decimal in both.
		return parenthesised(strconv.FormatFloat(d, 'E', -1, 64))
	case bool:
		return strconv.FormatBool(d)
	case time.Time:
		if v.Type == TypeDate {
			return "DATE '" + d.Format("2006-01-02") + "'"
		}
		if d.Nanosecond() == 0 {
			return "TIMESTAMP '" + d.Format("2006-01-02 15:04:05") + "'"
		}
		return "TIMESTAMP '" + d.Format("2006-01-02 15:04:05.000") + "'"
	default:
		return "NULL"
	}
}

// parenthesised puts a negative number in parentheses: behind a minus sign its
// own would begin a comment.
func parenthesised(number string) string {
	if strings.HasPrefix(number, "-") {
		return "(" + number + ")"
	}
	return number
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Text returns the value as ParseValue reads it.
func (v Value) Text() string {
	switch d := v.Data.(type) {
	case string:
		return d
	case []string:
		return strings.Join(d, ", ")
	case int64:
		return strconv.FormatInt(d, 10)
	case float64:
		return strconv.FormatFloat(d, 'g', -1, 64)
	case bool:
		return strconv.FormatBool(d)
	case time.Time:
		if v.Type == TypeDate {
			return d.Format(time.DateOnly)
		}
		return d.Format(time.RFC3339Nano)
	default:
		return ""
	}
}
