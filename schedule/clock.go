package schedule

import (
	"context"
	"sync"
	"time"
)

// System is the clock of the machine.
var System Clock = systemClock{}

type systemClock struct{}

// Now implements Clock.
func (systemClock) Now() time.Time { return time.Now() }

// Every implements Clock.
func (systemClock) Every(d time.Duration, f func()) (stop func()) {
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		t := time.NewTicker(d)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				f()
			}
		}
	})
	return func() {
		close(done)
		wg.Wait()
	}
}

// sleepStep is the longest nap: a machine that was suspended finds the time changed when
// it wakes up, and a timer may not.
const sleepStep = 10 * time.Second

// Sleep implements Clock.
func (systemClock) Sleep(ctx context.Context, until time.Time) {
	for ctx.Err() == nil {
		// Round drops the monotonic clock, which stands still in a suspended machine.
		left := until.Round(0).Sub(time.Now().Round(0))
		if left <= 0 {
			return
		}
		t := time.NewTimer(min(left, sleepStep))
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		t.Stop()
	}
}
