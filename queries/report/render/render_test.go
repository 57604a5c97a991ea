package render

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"traillake/queries/report"
	"traillake/queries/report/chart"
)

// hostile is a report whose texts try to be markup, links, scripts and formulas, in
// scripts that fonts do not have.
func hostile() *report.Report {
	// control is what a terminal or an editor obeys: ESC, C1, and marks of direction.
	const control = "\x1b[31m\u009b1m\u0085 \u202etxt\u202c \u2066\u2069\r"
	const evil = `<script>alert(1)</script> "quoted" | [link](javascript:x) ` + "`code`" + ` https://example.com/ 中文 é Ж Ω 🙂 </style></svg><img src=x onerror=y>` + control + "\nsecond line"
	day := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	r := &report.Report{
		Schema: report.Schema, Tool: "traillake " + evil,
		Pack:   report.Pack{Name: "p", Title: evil, Framework: evil, Version: evil, Description: evil, Scope: evil},
		Period: report.Period{Since: day, Until: day.AddDate(0, 1, 0)},
		Store:  report.Store{Name: evil, ID: evil, Committed: day.AddDate(0, 2, 0)},
		Coverage: report.Coverage{Events: 5, First: day, Last: day, Categories: map[string]int64{evil: 2, "Data": 3}, Days: []report.Day{{Day: "2026-10-01", Events: 5}},
			DaysWithout: []string{"2026-10-02"}, Gaps: []report.Gap{{Kind: report.GapNoEvents, Text: evil}},
			Places: []report.Place{{Account: evil, Region: evil, Events: 5, Days: []report.Day{{Day: "2026-10-01", Events: 5}}, MissingDays: []string{"2026-10-03"}}}},
		Activity: report.Activity{Principals: []report.Principal{{Name: evil, Events: 5, Errors: 1}, {Name: "arn:aws:iam::111122223333:user/" + evil, Events: 1}}, Error: evil},
		Summary:  map[report.Verdict]int{report.VerdictFindings: 1, report.VerdictFailed: 1},
		Controls: []report.Control{
			{ID: evil, Section: evil, Title: evil, Requirement: evil, Severity: "high", Expect: "none", Verdict: report.VerdictFindings, Rows: 5, Limited: true, Reason: evil, Evidence: evil, Limits: evil, Results: []string{"q", "bad"}},
			{ID: "2", Title: "again", Severity: "low", Expect: "review", Verdict: report.VerdictFailed, Results: []string{"q"}},
		},
		Results: []report.Result{
			{ID: "q", Query: "q", Title: evil, Description: evil, Next: evil, Params: map[string]string{"k": evil}, SQL: "SELECT '" + evil + "' -- ```", File: "queries/q.csv",
				Columns: []report.Column{{Name: evil}, {Name: "n"}}, Count: 5, Limited: true},
			{ID: "bad", Error: evil},
		},
	}
	for range 5 {
		r.Results[0].Rows = append(r.Results[0].Rows, []report.Cell{report.Cell(must(json.Marshal(evil))), report.Cell("1")})
	}
	return r
}

// TestHostileHTML says that nothing of the data is markup.
func TestHostileHTML(t *testing.T) {
	page, err := HTML(hostile())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "onerror=y>", "http://", `src="`, "</style></svg>", "ZgotmplZ"} {
		if bytes.Contains(page, []byte(bad)) {
			t.Errorf("the page has %s", bad)
		}
	}
	if m := regexp.MustCompile(`href="([^"#]*)"`).FindAllSubmatch(page, -1); len(m) != 2 || string(m[0][1]) != "data:," || string(m[1][1]) != "queries/q.csv" {
		t.Errorf("the page links to %q", m)
	}
	if n := bytes.Count(page, []byte("<svg")); n != 4 {
		t.Errorf("%d charts", n)
	}
	if n := bytes.Count(page, []byte(" style=")); n > 0 {
		t.Errorf("%d inline styles, which the policy forbids", n)
	}
}

// TestNothingIsObeyed says that texts for people have no control characters and no marks of
// direction, and show where there was one.
func TestNothingIsObeyed(t *testing.T) {
	for form, text := range map[string]string{"page": string(must(HTML(hostile()))), "Markdown": string(Markdown(hostile()))} {
		for _, r := range text {
			if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				t.Errorf("%s: there is %U", form, r)
				break
			}
		}
		for _, want := range []string{`\x1b`, `\x9b1m`, "\ufffdtxt"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: there is no %s", form, want)
			}
		}
	}
	for r := range glyphs() {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			t.Errorf("PDF: %U is written as it is", r)
		}
	}
}

// TestLimited says that no form takes what a limit left for all, in no place.
func TestLimited(t *testing.T) {
	for form, c := range map[string]struct {
		text  string
		wants []string
	}{
		"page":     {string(must(HTML(hostile()))), []string{`<td class="n">5 or more</td>`, "5 rows or more: the pack", "5 rows or more, shown at", "5+ high"}},
		"Markdown": {string(Markdown(hostile())), []string{"| findings | 5 or more |", "5 rows or more: the pack", "5 rows or more, shown at"}},
	} {
		for _, want := range c.wants {
			if !strings.Contains(c.text, want) {
				t.Errorf("%s: there is no %s", form, want)
			}
		}
	}
}

// TestHostileMarkdown says that no text is markup, a link or a cell of its own.
func TestHostileMarkdown(t *testing.T) {
	text := string(Markdown(hostile()))
	outside := regexp.MustCompile("(?s)````sql.*?````").ReplaceAllString(text, "")
	for _, bad := range []string{"<script", "<img", "[link](", "https://", "`code`"} {
		if strings.Contains(outside, bad) {
			t.Errorf("the text has %s", bad)
		}
	}
	for _, line := range strings.Split(outside, "\n") {
		if n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|"); strings.HasPrefix(line, "| ") && strings.Contains(line, "second line") && n != 3 && n != 6 && n != 5 {
			t.Errorf("a row has %d bars: %s", n, line)
		}
	}
}

// TestPDFText reads the text back: the fonts have Greek and Cyrillic, and what they do not
// have is written in a way that can be seen.
func TestPDFText(t *testing.T) {
	doc, err := PDF(hostile())
	if err != nil {
		t.Fatal(err)
	}
	again, err := PDF(hostile())
	if err != nil || !bytes.Equal(doc, again) {
		t.Errorf("the same report gives other bytes: %v", err)
	}
	if !bytes.HasPrefix(doc, []byte("%PDF-1.")) || !bytes.Contains(doc, []byte("D:20261201000000")) {
		t.Error("the date is not the snapshot's")
	}
	if got, want := shown("aé ЖΩ 中🙂\x01 {pages}"), `aé ЖΩ \u{4e2d}\u{1f642}\u{1} { pages}`; got != want {
		t.Errorf("shown as %q, want %q", got, want)
	}
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Log("pdftotext is not installed: the text is not read back")
		return
	}
	name := filepath.Join(t.TempDir(), "a.pdf")
	writeFile(t, name, doc)
	out, err := exec.CommandContext(t.Context(), tool, "-layout", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Ж", "Ω", "é", `\u{4e2d}`, `\u{1f642}`, "Data of the period is missing", "5 rows", "5 or more"} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("the text has no %s", want)
		}
	}
}

// TestWrap breaks at blanks, then behind parts of names, then anywhere, and loses nothing.
func TestWrap(t *testing.T) {
	p := newPDF(hostile())
	p.use("go", "", 9)
	for _, text := range []string{"a few words that do not fit into so little room", "arn:aws:iam::111122223333:role/a-role-with-a-long-name", strings.Repeat("x", 200), "two\nlines", "", " "} {
		lines := p.wrap(text, 30)
		for _, line := range lines {
			if w := p.length(line); w > 30 {
				t.Errorf("%q is %.1f wide", line, w)
			}
		}
		strip := func(s string) string { return strings.NewReplacer(" ", "", "\n", "").Replace(s) }
		if got := strip(strings.Join(lines, "")); got != strip(text) {
			t.Errorf("%q becomes %q", text, lines)
		}
	}
	if got := p.wrap("aaa bbb", p.length("aaa b")+2*p.GetCellMargin()); len(got) != 2 || got[0] != "aaa" || got[1] != "bbb" {
		t.Errorf("broken into %q", got)
	}
}

// TestPeriodText names days where the period is made of days.
func TestPeriodText(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct{ since, until, zone, want string }{
		{"2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", "", "2026-10-01 to 2026-10-31, both included, in UTC"},
		{"2026-09-30T22:00:00Z", "2026-10-31T23:00:00Z", "Europe/Zagreb", "2026-10-01 to 2026-10-31, both included, in Europe/Zagreb; 2026-09-30 22:00:00 UTC to 2026-10-31 23:00:00 UTC, the end not included"},
		{"2026-10-01T06:00:00Z", "2026-10-02T06:00:00Z", "", "2026-10-01 06:00:00 UTC to 2026-10-02 06:00:00 UTC, the end not included"},
	} {
		if got := periodText(report.Period{Since: at(c.since), Until: at(c.until), Zone: c.zone}); got != c.want {
			t.Errorf("%s: %s, want %s", c.since, got, c.want)
		}
	}
}

// TestColours says that every shape of a chart has a colour on the page and in the PDF.
func TestColours(t *testing.T) {
	for class := range chart.Classes {
		if _, ok := colours[class]; !ok {
			t.Errorf("the PDF has no colour for %s", class)
		}
		if class != "label" && !strings.Contains(pageStyle, "svg ."+class+" {") { // that of all texts
			t.Errorf("the page has no colour for %s", class)
		}
	}
	r := hostile()
	for _, d := range []*chart.Drawing{chart.Events(r), chart.Coverage(r), chart.Findings(r), chart.Principals(r)} {
		for _, s := range d.Shapes {
			if chart.Classes[s.Class] == "" {
				t.Errorf("%s has a shape of the class %q", d.Title, s.Class)
			}
			if s.X < 0 || s.Y < 0 || s.X+s.W > d.Width+0.01 || s.Y+s.H > d.Height+0.01 {
				t.Errorf("%s: a shape lies outside: %+v", d.Title, s)
			}
		}
	}
}

// TestChanged wants every form to say prominently that log files were changed.
func TestChanged(t *testing.T) {
	r := hostile()
	r.Coverage.Gaps = []report.Gap{{Kind: report.GapModified, Account: "111122223333", Text: "2 log files were changed"}}
	r.Coverage.Digests = report.Digests{Verified: report.Delivered{Objects: 1200}, Unverified: report.Delivered{Objects: 3}, Failed: report.Delivered{Objects: 2, Records: 9}}
	page, err := HTML(r)
	if err != nil {
		t.Fatal(err)
	}
	for form, text := range map[string]string{"page": string(page), "markdown": string(Markdown(r))} {
		text = strings.ReplaceAll(text, "&#39;", "'")
		for _, want := range []string{"Data of the period was changed", "2 log files were changed", "1,200 log files of the period verified, 3 that no valid digest has confirmed, 2 NOT WHAT CLOUDTRAIL DELIVERED, with 9 records"} {
			if !strings.Contains(text, want) {
				t.Errorf("the %s does not say %q", form, want)
			}
		}
	}
	if got := DigestsText(report.Digests{Unverified: report.Delivered{Objects: 5}}); got != "no log file of the period was verified by CloudTrail's digests" {
		t.Error(got)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return v
}
