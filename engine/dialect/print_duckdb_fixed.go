package dialect

import (
	"strconv"
	"strings"

	"traillake/engine/dialect/scalar"
)

var fixable = scalar.Fixable()

// fixed calls functions whose constants are right by the names that say that they do not fail: DuckDB
// computes those once for each value of a dictionary, and asks conditions of them where it reads. In
// TRY it takes what nobody computed for results if a call fails nevertheless, since a match does
// not end in time; and it moves into TRY what stands in a query below. So regular expressions stay
// as they are in a statement that has a TRY.
func fixed(sql string) string {
	tries := strings.Contains(sql, "TRY(")
	var b strings.Builder
	last := 0
	scan(sql, func(word string, open int) (bool, int) {
		if tries && strings.HasPrefix(word, "t_rx_") {
			return false, 0
		}
		if f, ok := fixable[word]; ok && f.FixedBy(constantArguments(sql[open:closing(sql, open)])) {
			b.WriteString(sql[last:open] + scalar.Fixed)
			last = open
		}
		return false, 0
	})
	return b.String() + sql[last:]
}

// constantArguments returns the constants among the arguments of a call, which list holds behind a
// parenthesis, and nil for the others.
func constantArguments(list string) (constants []any) {
	for i := 1; i <= len(list); {
		start := i
		for i < len(list) && list[i] != ',' {
			switch list[i] {
			case '\'', '"':
				i = quotedEnd(list, i)
			case '(', '[', '{':
				i = min(closing(list, i)+1, len(list))
			default:
				i++
			}
		}
		constants = append(constants, constant(strings.TrimSpace(list[start:i])))
		i++
	}
	return constants
}

// constant returns the value of an expression that is a literal, or nil.
func constant(sql string) any {
	switch {
	case sql == "true" || sql == "false":
		return sql == "true"
	case strings.HasPrefix(sql, "'"):
		text := strings.ReplaceAll(sql[1:], "''", "")
		if text == "" || strings.IndexByte(text, '\'') != len(text)-1 {
			return nil // more than a literal
		}
		return strings.ReplaceAll(sql[1:len(sql)-1], "''", "'")
	}
	sql = strings.TrimSuffix(strings.TrimPrefix(sql, "CAST("), " AS BIGINT)")
	if n, err := strconv.ParseInt(sql, 10, 64); err == nil {
		return n
	}
	return nil
}
