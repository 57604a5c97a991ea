package dialect

import "testing"

// TestBlame has the place and the hint where only one expression can have failed, and none
// where it may have been another.
func TestBlame(t *testing.T) {
	const overflow, noInteger = "bigint multiplication overflow: 1 * 2", "Out of range for integer: 100000000000"
	for _, c := range []struct {
		sql, code, message string
		at                 int
		hint               string
	}{
		{"SELECT from_unixtime(length(eventName)) FROM trail", "NUMERIC_VALUE_OUT_OF_RANGE", overflow, 7, wantsSeconds},
		{"SELECT from_unixtime(1), from_unixtime(length(eventName)) FROM trail", "NUMERIC_VALUE_OUT_OF_RANGE", overflow, 25, wantsSeconds},
		{"SELECT from_unixtime(length(eventName) * 2) FROM trail", "NUMERIC_VALUE_OUT_OF_RANGE", overflow, -1, ""},
		{"SELECT length(eventName) * 2 FROM trail", "NUMERIC_VALUE_OUT_OF_RANGE", overflow, -1, ""},
		{"SELECT date_add('day', length(eventName), now()) FROM trail", "NUMERIC_VALUE_OUT_OF_RANGE", noInteger, 7, tooManyUnits},
		{"SELECT CAST(length(eventName) AS integer) FROM trail", "NUMERIC_VALUE_OUT_OF_RANGE", noInteger, 7, "TRY_CAST gives NULL instead"},
		{"SELECT CAST(eventID AS integer), date_add('day', length(eventName), now()) FROM trail", "NUMERIC_VALUE_OUT_OF_RANGE", noInteger, -1, ""},
		{"SELECT eventName FROM trail", "NUMERIC_VALUE_OUT_OF_RANGE", noInteger, -1, ""},
		{"SELECT regexp_like(eventName, eventID) FROM trail", "INVALID_FUNCTION_ARGUMENT", "Invalid regular expression: (", 7, ""},
	} {
		a, err := Analyze(c.sql, testOptions(t).withoutPositional())
		if err != nil {
			t.Fatal(err)
		}
		if at, hint := a.Statement.Blame(DuckOptions{}, "", c.code, c.message); at != c.at || hint != c.hint {
			t.Errorf("%s: %d %q, want %d %q", c.sql, at, hint, c.at, c.hint)
		}
	}
}
