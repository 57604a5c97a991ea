package dialect

import (
	"errors"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// TestMistakes compares the errors of mistakes that people make with goldens: code,
// place, text and hint; -rewrite writes them anew, and then they are to be read again.
func TestMistakes(t *testing.T) {
	o := testOptions(t)
	datadriven.RunTest(t, "testdata/mistakes", func(t *testing.T, d *datadriven.TestData) string {
		_, err := Analyze(d.Input, forText(o, d.Input))
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s\nwas accepted: %v", d.Input, err)
			return "accepted"
		}
		return string(e.Code) + "\n" + e.Error()
	})
}
