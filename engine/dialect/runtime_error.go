package dialect

import (
	"regexp"
	"strings"
)

var (
	carried    = regexp.MustCompile(`(?s)!!([A-Z_]+)(?:@(\w+))?\|(.*)!!`)
	outOfRange = regexp.MustCompile(`Type \w+(?:\([\d,]+\))? with value (.+) can't be cast.*(?:to|type) (?:the destination type )?([A-Z0-9]+)`)
	tooNarrow  = regexp.MustCompile(`(?:Casting|cast) (?:decimal )?value "?([^" ]+)"? to (?:type )?(?:DECIMAL\((\d+),(\d+)\)|(\w+))`)
	noUUID     = regexp.MustCompile(`Could not convert string '(.*)' to INT128`)
	overflow   = regexp.MustCompile(`Overflow in (addition|subtraction|multiplication|division|negation) of (\w+) \((.*)\)`)
)

// duckNames are the integer types by DuckDB's internal names.
var duckNames = map[string]string{"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint", "INT128": "decimal", "DOUBLE": "double", "FLOAT": "real"}

// RuntimeError reads what DuckDB said while it ran a printed statement, as Trino's code
// and words. An unknown message becomes GENERIC_USER_ERROR, without DuckDB's advice on
// how to write its SQL.
func RuntimeError(message string) (code, text string) {
	if m := carried.FindStringSubmatch(message); m != nil {
		return m[1], m[3]
	}
	if m := overflow.FindStringSubmatch(message); m != nil {
		return "NUMERIC_VALUE_OUT_OF_RANGE", duckName(m[2]) + " " + m[1] + " overflow: " + m[3]
	}
	if m := outOfRange.FindStringSubmatch(message); m != nil {
		if strings.HasPrefix(m[0], "Type INT128 ") && m[2] == "INT64" {
			return "NUMERIC_VALUE_OUT_OF_RANGE", "bigint addition overflow: " + m[1] // only sums are so wide
		}
		code = "NUMERIC_VALUE_OUT_OF_RANGE"
		if m[2] == "INT64" || strings.Contains(m[1], "nan") {
			code = "INVALID_CAST_ARGUMENT"
		}
		return code, "Out of range for " + duckName(m[2]) + ": " + m[1]
	}
	if m := noUUID.FindStringSubmatch(message); m != nil {
		return "INVALID_CAST_ARGUMENT", "Cannot cast value to UUID: " + m[1]
	}
	if m := tooNarrow.FindStringSubmatch(message); m != nil {
		to := strings.ToUpper(duckName(m[4]))
		if m[2] != "" {
			to = "DECIMAL(" + m[2] + ", " + m[3] + ")"
		}
		return "INVALID_CAST_ARGUMENT", "Cannot cast '" + m[1] + "' to " + to
	}
	lower := strings.ToLower(message)
	switch {
	case strings.Contains(lower, "more than one row returned by a subquery"):
		return "SUBQUERY_MULTIPLE_ROWS", "Scalar sub-query has returned multiple rows"
	case strings.Contains(lower, "non-inner join on subquery"):
		return "NOT_SUPPORTED", queryInJoin
	case strings.Contains(lower, "non-inner join on correlated columns"):
		return "NOT_SUPPORTED", "a column of the query around in the condition of an outer join is not supported here; compare with it in a query of the joined rows, or join in the query around"
	case strings.Contains(lower, "not in timestamp range") || strings.Contains(lower, "date out of range"):
		return "NUMERIC_VALUE_OUT_OF_RANGE", "date or time out of range"
	case strings.Contains(lower, "like pattern must not end with escape character"):
		return "INVALID_FUNCTION_ARGUMENT", "Escape character must be followed by '%', '_' or the escape character itself"
	case strings.Contains(lower, "invalid escape string"):
		return "INVALID_FUNCTION_ARGUMENT", "Escape string must be a single character"
	case strings.Contains(lower, "map keys must be unique"):
		return "INVALID_FUNCTION_ARGUMENT", "Duplicate map keys are not allowed"
	case strings.Contains(lower, "map keys can not be null"):
		return "INVALID_FUNCTION_ARGUMENT", "map key cannot be null"
	case strings.Contains(lower, "approximate quantile can only take"):
		return "INVALID_FUNCTION_ARGUMENT", "Percentile must be between 0 and 1"
	case strings.Contains(lower, "out of range") || strings.Contains(lower, "overflow"):
		return "NUMERIC_VALUE_OUT_OF_RANGE", "value out of range"
	case strings.Contains(lower, "could not convert") || strings.Contains(lower, "malformed json"):
		first, _, _ := strings.Cut(message, "\n")
		return "INVALID_CAST_ARGUMENT", first
	}
	first, _, _ := strings.Cut(message, "\n")
	return "GENERIC_USER_ERROR", first
}

// queryInJoin is what is said where DuckDB does not take a query in the condition of an outer join.
const queryInJoin = "a query in the condition of a FULL JOIN, or of an outer join of several relations in parentheses, is not supported here; join its rows in FROM instead"

// raiser returns what stands in printed SQL where an error of ours is raised: the call of the function
// that says so, or the error itself. It is "" for DuckDB's errors.
func raiser(message string) string {
	m := carried.FindStringSubmatch(message)
	switch {
	case m == nil:
		return ""
	case m[2] != "":
		return m[2] + "("
	}
	return quoteString(m[0])
}

func duckName(s string) string {
	if n := duckNames[s]; n != "" {
		return n
	}
	return strings.ToLower(s)
}
