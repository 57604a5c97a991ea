package dialect

import "testing"

// TestForeignFunctions sees to it that the hint about a function of another system does not
// stand in the way of one that there is.
func TestForeignFunctions(t *testing.T) {
	for name := range foreignFunctions {
		if Overloads(name) != nil {
			t.Errorf("%s is a function here", name)
		}
	}
}
