package s3

import (
	"testing"

	"traillake/internal/s3test/relay"
	"traillake/lake"
	"traillake/lake/laketest"
)

func TestLifecycle(t *testing.T) {
	p := newPlace(t)
	laketest.Lifecycle(t, func() lake.Storage { return p.open(t) })
}

// TestLifecycleWithFaults meets a fault in one request of thirty: the SDK waits long after each.
func TestLifecycleWithFaults(t *testing.T) {
	p := newPlace(t)
	p.Randomly(seed(t), 0.03, relay.LoseReply, relay.Refuse, relay.Reset, relay.CutReply, relay.ShortReply, relay.Duplicate)
	laketest.Lifecycle(t, func() lake.Storage { return p.open(t) })
}
