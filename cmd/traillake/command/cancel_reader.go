package command

import (
	"context"
	"io"
)

// cancelReader reads until a context ends. A read of standard input cannot be interrupted: the one that
// waits then is left behind, since the process is ending.
type cancelReader struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (c cancelReader) Read(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	own := make([]byte, len(p)) // p is the caller's again once this returns
	done := make(chan result, 1)
	go func() {
		n, err := c.r.Read(own)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		return copy(p, own[:r.n]), r.err
	case <-c.ctx.Done():
		return 0, c.ctx.Err()
	}
}
