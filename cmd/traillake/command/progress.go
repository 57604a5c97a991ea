package command

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"traillake/lake"
)

// progress draws a bar on a terminal: what is done, and the time that is left. A nil
// progress draws nothing.
type progress struct {
	container *mpb.Progress
	bar       *mpb.Bar  // nil until there is something to show
	started   time.Time // of what takes time to be told; set by the goroutine that shows
	working   bool
	now       atomic.Pointer[step] // read by the goroutine that draws
}

// step is one state of a progress.
type step struct {
	done, total int64
	text        string
	since       time.Time
}

// newProgress returns a progress on stderr, or nil when that is no terminal that can move its
// cursor, or the user wants none. The caller calls end.
func (a *app) newProgress(quiet bool) *progress {
	if quiet || a.dumb() || !isTerminal(a.stderr) {
		return nil
	}
	return drawOn(a.stderr)
}

func drawOn(w io.Writer, o ...mpb.ContainerOption) *progress {
	o = append([]mpb.ContainerOption{mpb.WithOutput(w)}, o...)
	return &progress{container: mpb.New(o...), started: time.Now()}
}

// show moves the bar to done of total and puts text behind it. It is called from one
// goroutine at a time.
func (p *progress) show(done, total int64, text string) {
	p.now.Store(&step{done, total, text, p.started})
	if p.bar == nil {
		// A bar that is made with a total keeps it, and ends when it is reached. One that is
		// made without takes every total that comes, and ends with end.
		p.bar = p.container.New(0, mpb.BarStyle(), mpb.BarWidth(24),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
				s := p.now.Load()
				return " " + s.text + timeLeft(time.Since(s.since), s.done, s.total)
			})))
	}
	// One more than the total: what comes last, such as a commit, is not counted.
	p.bar.SetTotal(total+1, false)
	p.bar.SetCurrent(done)
}

// listing shows how much was found so far.
func (p *progress) listing(now lake.IngestProgress) {
	pr := printer{people: true}
	p.show(0, 0, fmt.Sprintf("listing: %s objects  %s", pr.count(now.TotalObjects), pr.bytes(now.TotalBytes)))
}

// ingest shows how far an ingest has come.
func (p *progress) ingest(now lake.IngestProgress) {
	pr := printer{people: true}
	switch {
	case now.Listing:
		p.listing(now)
		return
	case now.LookedFor > 0:
		p.show(0, 0, "looking for logs that digests name: "+pr.count(now.LookedFor))
		return
	case now.Reread > 0:
		p.show(0, 0, "reading again what has no verdict: "+pr.count(now.Reread))
		return
	}
	if !p.working { // listing is no measure of the rest
		p.working, p.started = true, time.Now()
	}
	perSecond := float64(now.Records) / max(time.Since(p.started).Seconds(), 0.001)
	p.show(now.Bytes, now.TotalBytes, fmt.Sprintf("%s/%s objects  %s/%s  %s events/s", pr.count(now.Objects), pr.count(now.TotalObjects),
		pr.bytes(now.Bytes), pr.bytes(now.TotalBytes), pr.count(int64(perSecond))))
}

// timeLeft says how long the rest takes at the pace so far; empty when that cannot be
// told yet.
func timeLeft(elapsed time.Duration, done, total int64) string {
	if done <= 0 || total <= done || elapsed < time.Second {
		return ""
	}
	left := time.Duration(float64(elapsed) * float64(total-done) / float64(done))
	return "  " + left.Round(time.Second).String() + " left"
}

// end removes the bar.
func (p *progress) end() {
	if p == nil {
		return
	}
	if p.bar != nil {
		p.bar.Abort(true)
	}
	p.container.Wait()
}
