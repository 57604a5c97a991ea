package saved

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"traillake/engine"
)

var epoch = time.Now()

// Clock returns the time since the process began, more or less.
func Clock() Cost { return Cost{time.Since(epoch), cpuTime()} }

// Minus returns what c costs more than d.
func (c Cost) Minus(d Cost) Cost { return Cost{c.Wall - d.Wall, c.CPU - d.CPU} }

// stopwatch notes how long databases take to open.
type stopwatch struct {
	engine.Executor
	opening Cost
}

// Open implements engine.Executor.
func (s *stopwatch) Open(ctx context.Context, box engine.Sandbox) (engine.Session, error) {
	start := Clock()
	session, err := s.Executor.Open(ctx, box)
	took := Clock().Minus(start)
	s.opening = Cost{s.opening.Wall + took.Wall, s.opening.CPU + took.CPU}
	return session, err
}

func median(c []Cost) Cost {
	middle := func(of func(Cost) time.Duration) time.Duration {
		s := slices.SortedFunc(slices.Values(c), func(a, b Cost) int { return cmp.Compare(of(a), of(b)) })
		return of(s[len(s)/2])
	}
	return Cost{middle(func(c Cost) time.Duration { return c.Wall }), middle(func(c Cost) time.Duration { return c.CPU })}
}

// Print writes a table of timings in milliseconds.
func Print(w io.Writer, timings []Timing) error {
	_, err := fmt.Fprintf(w, "%-32s %6s %9s %9s %6s %9s %9s %6s\n",
		"query", "rows", "engine", "by hand", "ratio", "CPU", "by hand", "ratio")
	for _, t := range timings {
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "%-32s %6d %9.1f %9.1f %6.2f %9.1f %9.1f %6.2f\n", t.Query, t.Rows,
			ms(t.Front.Wall), ms(t.Hand.Wall), ratio(t.Front.Wall, t.Hand.Wall),
			ms(t.Front.CPU), ms(t.Hand.CPU), ratio(t.Front.CPU, t.Hand.CPU))
	}
	return err
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

func ratio(a, b time.Duration) float64 { return float64(a) / float64(max(b, 1)) }
