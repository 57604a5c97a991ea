package command

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestCancelReader(t *testing.T) {
	if err := iotest.TestReader(cancelReader{t.Context(), strings.NewReader("some text")}, []byte("some text")); err != nil {
		t.Error(err)
	}
	waits, writer := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	go io.WriteString(writer, "SELECT")
	r, buf := cancelReader{ctx, waits}, make([]byte, 10)
	if n, err := r.Read(buf); string(buf[:n]) != "SELECT" || err != nil {
		t.Errorf("read %q, %v", buf[:n], err)
	}
	cancel()
	if n, err := r.Read(buf); n != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("read %q, %v", buf[:n], err)
	}
	writer.Close() // ends the read that was left
}
