// Package ctxread reads until a context ends.
package ctxread

import (
	"context"
	"io"
)

// reader has the context of one reading to the end, which no argument of Read can give it.
type reader struct {
	ctx context.Context
	r   io.Reader
}

// New returns a reader of r that fails once ctx has ended. A Read of r that waits then is not
// interrupted.
func New(ctx context.Context, r io.Reader) io.Reader { return &reader{ctx, r} }

// Read implements io.Reader.
func (r *reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
