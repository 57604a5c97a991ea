package digest

import "testing"

// BenchmarkCheck is what a digest with one log costs, of which an hourly chain of ten
// accounts and ten regions has 72,000 a month.
func BenchmarkCheck(b *testing.B) {
	digests, keys := chain(b, 2)
	stored := zip(digests[1].text)
	b.ReportAllocs()
	for b.Loop() {
		c := Open(digests[1].at, stored, digests[1].metadata)
		if c.Verify(keys); !c.Valid() {
			b.Fatal(c.Invalid)
		}
	}
}
