package render

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"traillake/engine/encode"
)

// chromium finds a browser. Where there is none the test has nothing to look with, which
// is an error where TRAILLAKE_REQUIRE_CHROMIUM is set.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const why = "no Chromium is installed (apt-get install chromium): nothing is looked at in a browser"
	if os.Getenv("TRAILLAKE_REQUIRE_CHROMIUM") != "" {
		t.Fatal(why)
	}
	t.Log(why)
	return ""
}

// looked is what a browser says of a page.
type looked struct {
	mu       sync.Mutex
	requests []string // what was asked for
	said     []string // errors and warnings
}

func (l *looked) event(ev any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch ev := ev.(type) {
	case *network.EventRequestWillBeSent:
		l.requests = append(l.requests, ev.Request.URL)
	case *runtime.EventConsoleAPICalled:
		l.said = append(l.said, "console: "+string(ev.Type))
	case *runtime.EventExceptionThrown:
		l.said = append(l.said, "exception: "+ev.ExceptionDetails.Text)
	case *cdplog.EventEntryAdded:
		l.said = append(l.said, ev.Entry.Text)
	}
}

// TestInBrowser opens a page of hostile texts: charts are drawn, the browser has nothing to
// complain of, nothing is asked for but the page, it is dark where that is preferred, and
// it prints on A4.
func TestInBrowser(t *testing.T) {
	path := chromium(t)
	if path == "" {
		return
	}
	text, err := HTML(hostile())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "index.html")
	writeFile(t, name, text)
	allocator, stop := chromedp.NewExecAllocator(t.Context(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(filepath.Join(dir, "browser")))...)
	defer stop()
	ctx, cancel := chromedp.NewContext(allocator)
	defer cancel()
	ctx, end := context.WithTimeout(ctx, 3*time.Minute)
	defer end()

	var l looked
	if err := chromedp.Listen(ctx, l.event); err != nil {
		t.Fatal(err)
	}
	scheme := func(value string) {
		t.Helper()
		feature := emulation.MediaFeature{Name: "prefers-color-scheme", Value: value}
		if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{&feature}}); err != nil {
			t.Fatal(err)
		}
	}
	scheme("light")
	if err := chromedp.Do(ctx, chromedp.Navigate("file://"+name), chromedp.WaitReady("footer")); err != nil {
		t.Fatal(err)
	}
	title := run(ctx, t, chromedp.Title())
	charts := run(ctx, t, chromedp.Evaluate[int](`[...document.querySelectorAll('svg')].filter(s => s.getBoundingClientRect().height > 20).length`))
	drawn := run(ctx, t, chromedp.Evaluate[int](`[...document.querySelectorAll('svg rect')].filter(s => s.getBoundingClientRect().width > 0).length`))
	styled := run(ctx, t, chromedp.Evaluate[int](`[...document.querySelectorAll('svg rect')].filter(s => getComputedStyle(s).fill != 'rgb(0, 0, 0)').length`))
	const background = `getComputedStyle(document.body).backgroundColor`
	light := run(ctx, t, chromedp.Evaluate[string](background))
	scheme("dark")
	dark := run(ctx, t, chromedp.Evaluate[string](background))
	printed := run(ctx, t, chromedp.PrintToPDF(func(p *cdppage.PrintToPDFParams) { p.PreferCSSPageSize = new(true) }))
	if title != strings.Join(strings.Fields(encode.PrintableLines(hostile().Pack.Title)), " ") {
		t.Errorf("the title is %q", title)
	}
	if charts != 4 || drawn < 40 || drawn != styled {
		t.Errorf("%d charts with %d shapes, %d of them in colour", charts, drawn, styled)
	}
	if light != "rgb(255, 255, 255)" || dark == light || dark == "" {
		t.Errorf("the background is %s by day and %s by night", light, dark)
	}
	if err := chromedp.Cancel(ctx); err != nil { // no event comes any more
		t.Error(err)
	}
	for _, url := range l.requests {
		if url != "file://"+name && url != "data:," {
			t.Errorf("the page asks for %s", url)
		}
	}
	if len(l.requests) == 0 || len(l.said) > 0 {
		t.Errorf("%d requests; the browser says %q", len(l.requests), l.said)
	}
	boxes := regexp.MustCompile(`/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]`).FindAllStringSubmatch(string(printed), -1)
	for _, box := range boxes {
		if w, h := number(t, box[1]), number(t, box[2]); w < 594 || w > 596 || h < 841 || h > 843 { // A4 is 595.3 × 841.9 points
			t.Errorf("a page is %.0f × %.0f points", w, h)
		}
	}
	if len(boxes) < 2 {
		t.Errorf("%d pages were printed", len(boxes))
	}
}

// run runs an action of the browser.
func run[T any](ctx context.Context, t *testing.T, a chromedp.Action[T]) T {
	t.Helper()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
