package scalar

import (
	"testing"
	"unsafe"
)

// TestKept overwrites the memory of texts of which something is kept, as the database does
// with the arguments of a function once it has returned.
func TestKept(t *testing.T) {
	const expression, zone, network = `(?<kept>\w+)=(?<other>x)`, "Pacific/Galapagos", "fd12:3456::/32"
	overwritten := func(text string, use func(string) error) {
		t.Helper()
		b := []byte(text)
		if err := use(unsafe.String(&b[0], len(b))); err != nil {
			t.Fatal(err)
		}
		for i := range b {
			b[i] = '~'
		}
	}
	overwritten(expression, func(s string) error { _, err := compile(s); return err })
	overwritten(zone, func(s string) error { _, err := Zone(s); return err })
	overwritten(network, func(s string) error { _, err := prefix(s); return err })
	if re, err := compile(expression); err != nil || re.names["kept"] != 1 || re.names["other"] != 2 {
		t.Errorf("%v, %v", re.names, err)
	}
	if l, err := Zone(zone); err != nil || l.String() != zone {
		t.Errorf("%v, %v", l, err)
	}
	if p, err := prefix(network); err != nil || p.String() != network {
		t.Errorf("%v, %v", p, err)
	}
}
