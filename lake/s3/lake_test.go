package s3

import (
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

// TestCopied takes a lake from a disk to a bucket, and another one back.
func TestCopied(t *testing.T) {
	local := func() lake.Storage {
		st, err := lake.LocalStorage(vfs.OS, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return st
	}
	t.Run("to a bucket", func(t *testing.T) { laketest.Copied(t, local(), newPlace(t).open(t)) })
	t.Run("from a bucket", func(t *testing.T) { laketest.Copied(t, newPlace(t).open(t), local()) })
}
