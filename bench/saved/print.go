package saved

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"traillake/bench/cost"
	"traillake/engine"
)

// stopwatch notes how long databases take to open.
type stopwatch struct {
	engine.Executor
	opening cost.Cost
}

// Open implements engine.Executor.
func (s *stopwatch) Open(ctx context.Context, box engine.Sandbox) (engine.Session, error) {
	box, err := box.WithMore() // which is not opening
	if err != nil {
		return nil, err
	}
	start := cost.Clock()
	session, err := s.Executor.Open(ctx, box)
	took := cost.Clock().Minus(start)
	s.opening = s.opening.Plus(took)
	return session, err
}

func median(c []cost.Cost) cost.Cost {
	middle := func(of func(cost.Cost) time.Duration) time.Duration {
		s := slices.SortedFunc(slices.Values(c), func(a, b cost.Cost) int { return cmp.Compare(of(a), of(b)) })
		return of(s[len(s)/2])
	}
	return cost.Cost{Wall: middle(func(c cost.Cost) time.Duration { return c.Wall }), CPU: middle(func(c cost.Cost) time.Duration { return c.CPU })}
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
