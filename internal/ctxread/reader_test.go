package ctxread

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReader(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	if err := iotest.TestReader(New(ctx, strings.NewReader("some text")), []byte("some text")); err != nil {
		t.Error(err)
	}
	r := New(ctx, strings.NewReader("some text"))
	cancel()
	if n, err := r.Read(make([]byte, 4)); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("read %d bytes, %v", n, err)
	}
}
