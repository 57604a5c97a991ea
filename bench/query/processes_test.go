package query

import (
	"context"
	"errors"
	"net"
	"testing"
)

// TestZgrepEnds wants an interrupt to be the error, and not the process that it killed.
func TestZgrepEnds(t *testing.T) {
	standIn(t, "zgrep", "zgrep")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	failed := make(chan error, 1)
	go func() {
		_, err := (&bench{}).runZgrep(ctx, &system{files: []string{listener.Addr().String()}}, nil)
		failed <- err
		listener.Close() // where it failed before it called
	}()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err, <-failed)
	}
	defer conn.Close()
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}
