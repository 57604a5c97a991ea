package lake

import (
	"testing"

	"traillake/schema"
)

// TestColumnsHaveBits says when CheckRead has to remember otherwise which columns were checked.
func TestColumnsHaveBits(t *testing.T) {
	if n := len(schema.Stored()); n > 64 {
		t.Errorf("%d stored columns", n)
	}
}
