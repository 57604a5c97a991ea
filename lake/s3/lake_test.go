package s3

import (
	"errors"
	"testing"

	"traillake/internal/s3test/relay"
	"traillake/internal/vfs"
	"traillake/lake"
	"traillake/lake/laketest"
)

func TestLifecycle(t *testing.T) {
	p := newPlace(t)
	laketest.Lifecycle(t, func() lake.Storage { return p.open(t) })
}

// TestLifecycleWithFaults meets a fault in one request of ten.
func TestLifecycleWithFaults(t *testing.T) {
	p := newPlace(t)
	p.Randomly(seed(t), 0.1, relay.LoseReply, relay.Refuse, relay.Reset, relay.CutReply, relay.ShortReply, relay.Duplicate)
	laketest.Lifecycle(t, func() lake.Storage { return p.open(t) })
}

// TestCopied takes a lake from a disk to a bucket, another one back, and one from bucket to
// bucket.
func TestCopied(t *testing.T) {
	local := func(t *testing.T) lake.Storage {
		st, err := lake.LocalStorage(vfs.OS, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	bucket := func(t *testing.T) lake.Storage { return newPlace(t).open(t) }
	faulty := func(t *testing.T) lake.Storage {
		p := newPlace(t)
		p.Randomly(seed(t), 0.1, relay.LoseReply, relay.Refuse, relay.Reset, relay.CutReply, relay.ShortReply, relay.Duplicate)
		return p.open(t)
	}
	for _, c := range []struct {
		name     string
		from, to func(*testing.T) lake.Storage
	}{{"to a bucket", local, bucket}, {"from a bucket", bucket, local}, {"with faults", faulty, faulty}} {
		t.Run(c.name, func(t *testing.T) {
			laketest.Copied(t, c.from(t), c.to(t), func(l *lake.Lake, to lake.Storage) error {
				r, err := l.Copy(t.Context(), to.Root(), lake.Options{Storage: unclosed{to}}, lake.CopyOptions{Workers: 2})
				if r.Compared < 3 {
					t.Errorf("%+v", r)
				}
				return errors.Join(append(r.Problems, err)...)
			})
		})
	}
}

// unclosed is a storage that its test closes.
type unclosed struct{ lake.Storage }

func (unclosed) Close() error { return nil }
