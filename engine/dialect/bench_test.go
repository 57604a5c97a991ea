package dialect

import (
	"strings"
	"testing"
)

// BenchmarkAnalyze reads and checks a usual query, and one as long as is allowed.
func BenchmarkAnalyze(b *testing.B) {
	usual := statementsIn(b, "testdata/accepted.sql")[7]
	long := "SELECT eventID FROM trail WHERE " + strings.Repeat("userIdentity.arn LIKE '%x%' AND ", 305) + "readOnly"
	for name, text := range map[string]string{"usual": usual, "long": long} {
		b.Run(name, func(b *testing.B) {
			o := testOptions(b)
			for b.Loop() {
				if _, err := Analyze(text, forText(o, text)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
