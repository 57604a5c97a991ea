package dialect

import "testing"

// TestConstantsAreNoMistakes has calls that look like those of testdata/mistakes, and are right
// or give NULL.
func TestConstantsAreNoMistakes(t *testing.T) {
	o := testOptions(t)
	for _, x := range []string{
		"approx_percentile(length(eventName), 1)",
		"approx_percentile(length(eventName), 95 / 100.0)",
		"approx_percentile(length(eventName), ARRAY[0, 0.5])",
		"approx_percentile(length(eventName), NULL)",
		"date_add('DAY', 2147483647, eventTime)",
		"date_add('second', 3000000000, eventTime)",
		"TRY(date_add('day', 3000000000, eventTime))",
		"date_trunc(eventName, eventTime)",
		"from_unixtime(1688990000000000 / 1000)",
		"TRY(from_unixtime(1688990000000000))",
		`regexp_like(eventName, '(?<x>a)\k<x>')`,
		`regexp_like(eventName, '(?i)a{2}+')`,
		`regexp_like(eventName, '[(]')`,
		"TRY(regexp_like(eventName, '('))",
		"regexp_like(eventName, eventID)",
	} {
		if _, err := Analyze("SELECT "+x+" FROM trail", o.withoutPositional()); err != nil {
			t.Errorf("%s: %v", x, err)
		}
	}
}

func (o Options) withoutPositional() Options {
	o.Positional = nil
	return o
}
