package custody

import (
	"context"
	"encoding/binary"
	"iter"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"traillake/lake/source"
)

// lookers is how many logs are looked for at once: each is a request, which does nothing but wait.
// A guess.
const lookers = 32

// Missing looks for each log below the source that a valid digest names, but for those that known
// tells of. It calls looked with each, with the digest and with what came of it: nil where the log
// is there, an error that wraps fs.ErrNotExist where it is not, and another where that cannot be
// told; in no order, from one goroutine at a time. It returns the error of ctx.
func (s *Sums) Missing(ctx context.Context, known func(bucket, key string) bool, looked func(bucket, key, digest string, err error)) error {
	var mu sync.Mutex
	var g errgroup.Group
	g.SetLimit(lookers)
	for k := range s.names.all() {
		if ctx.Err() != nil {
			break
		}
		o := source.Object{Bucket: k.bucket, Key: k.key}
		if !s.source.Below(o) || known(k.bucket, k.key) {
			continue
		}
		g.Go(func() error {
			_, err := s.source.Stat(ctx, o)
			if ctx.Err() != nil {
				return nil
			}
			_, digest, _ := s.Expected(k.bucket, k.key)
			mu.Lock()
			defer mu.Unlock()
			looked(k.bucket, k.key, digest, err)
			return nil
		})
	}
	_ = g.Wait() // none returns an error
	return ctx.Err()
}

// names are where logs lie, one after the other. The names of a digest's logs are much alike, so
// that each is kept as how much of the one before it begins with, and the rest.
type names struct {
	packed []byte
	last   string
}

func (n *names) add(k id) {
	name := k.bucket + "/" + k.key // a bucket's name has no slash
	same := 0
	for same < min(len(name), len(n.last)) && name[same] == n.last[same] {
		same++
	}
	n.packed = binary.AppendUvarint(n.packed, uint64(same))
	n.packed = binary.AppendUvarint(n.packed, uint64(len(name)-same))
	n.packed = append(n.packed, name[same:]...)
	n.last = name
}

func (n *names) all() iter.Seq[id] {
	return func(yield func(id) bool) {
		var name []byte
		for b := n.packed; len(b) > 0; {
			same, i := binary.Uvarint(b)
			rest, j := binary.Uvarint(b[i:])
			b = b[i+j:]
			name = append(name[:same], b[:rest]...)
			b = b[rest:]
			bucket, key, _ := strings.Cut(string(name), "/")
			if !yield(id{bucket, key}) {
				return
			}
		}
	}
}
