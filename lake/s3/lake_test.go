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

// TestLifecycleWithFaults meets a fault in one request of ten.
func TestLifecycleWithFaults(t *testing.T) {
	p := newPlace(t)
	p.Randomly(seed(t), 0.1, relay.LoseReply, relay.Refuse, relay.Reset, relay.CutReply, relay.ShortReply, relay.Duplicate)
	laketest.Lifecycle(t, func() lake.Storage { return p.open(t) })
}
