package command

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"traillake/lake"
	"traillake/lake/digest/custody"
	"traillake/queries"
)

func TestParseWhen(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2023-07-10":                "2023-07-10T00:00:00Z",
		"2023-07-10T12:30:00Z":      "2023-07-10T12:30:00Z",
		"2023-07-10T12:30:00+02:00": "2023-07-10T10:30:00Z",
		"7d":                        "2026-11-14T12:00:00Z",
		"90m":                       "2026-11-21T10:30:00Z",
		"12h":                       "2026-11-21T00:00:00Z",
		"2w":                        "2026-11-07T12:00:00Z",
		"start of month":            "2026-11-01T00:00:00Z",
		"now - 1 day":               "2026-11-20T12:00:00Z",
	} {
		at, err := parseWhen(text, now)
		if err != nil || at.Format(time.RFC3339) != want {
			t.Errorf("%q is %v, %v; want %s", text, at, err, want)
		}
	}
	for _, text := range []string{"", "7", "d", "7x", "-7d", "tomorrowish", "2023-13-01", "2023-07-10; DROP", "999999w"} {
		if at, err := parseWhen(text, now); err == nil {
			t.Errorf("%q is taken as %v", text, at)
		}
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]size{
		"1": 1, "512MB": 512e6, "512 mb": 512e6, "1.5G": 15e8, "2GiB": 2 << 30, "64k": 64e3, "3B": 3,
	} {
		var s size
		if err := s.Set(text); err != nil || s != want {
			t.Errorf("%q is %d, %v; want %d", text, s, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "lots", "1XB", "1e9", "99999999999TB", "1.2.3"} {
		var s size
		if err := s.Set(text); err == nil {
			t.Errorf("%q is taken as %d", text, s)
		}
	}
}

func TestPrinter(t *testing.T) {
	people, exact := printer{people: true}, printer{}
	for n, want := range map[int64][2]string{
		0: {"0", "0"}, 999: {"999", "999"}, 1000: {"1,000", "1000"}, 1234567: {"1,234,567", "1234567"}, -1000: {"-1,000", "-1000"},
	} {
		if got := [2]string{people.count(n), exact.count(n)}; got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
	for n, want := range map[int64]string{
		0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 9949: "9.9 kB", 9960: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB", 1_234_567_890: "1.2 GB",
	} {
		if got := people.bytes(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
	if got := exact.bytes(1_234_567); got != "1234567 bytes" {
		t.Error(got)
	}
	if got := exact.things(1, "ox", "oxen") + exact.things(2, "ox", "oxen"); got != "1 ox2 oxen" {
		t.Error(got)
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1234 * time.Microsecond: "1ms", 1260 * time.Millisecond: "1.3s", 75*time.Second + 400*time.Millisecond: "1m15s",
	} {
		if got := seconds(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	got := wrap("one two three four\n\nfive averyveryverylongword six\n- an item of a list\n- two", "  ", 12)
	want := "  one two\n  three four\n\n  five\n  averyveryverylongword\n  six\n  - an item\n    of a\n    list\n  - two\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestTimeLeft(t *testing.T) {
	if got := timeLeft(10*time.Second, 25, 100); got != "  30s left" {
		t.Errorf("%q", got)
	}
	for _, got := range []string{timeLeft(0, 1, 2), timeLeft(time.Minute, 0, 2), timeLeft(time.Minute, 2, 2), timeLeft(time.Minute, 3, 2)} {
		if got != "" {
			t.Errorf("%q is told too early", got)
		}
	}
}

func TestSplitStatement(t *testing.T) {
	for _, c := range []struct {
		text, statement, rest string
		ok                    bool
	}{
		{"SELECT 1;", "SELECT 1", "", true},
		{"a; b;", "a", " b;", true},
		{"SELECT 1", "", "SELECT 1", false},
		{"SELECT ';' ; x", "SELECT ';' ", " x", true},
		{"SELECT 'it''s;' ; x", "SELECT 'it''s;' ", " x", true},
		{`SELECT ";" ; x`, `SELECT ";" `, " x", true},
		{"-- no; end\nSELECT 1;", "-- no; end\nSELECT 1", "", true},
		{"/* ; */ SELECT 1;", "/* ; */ SELECT 1", "", true},
		{"SELECT 'open;", "", "SELECT 'open;", false},
		{"SELECT 1 -- ;", "", "SELECT 1 -- ;", false},
	} {
		statement, rest, ok := splitStatement(c.text)
		if statement != c.statement || rest != c.rest || ok != c.ok {
			t.Errorf("%q: got %q, %q, %v", c.text, statement, rest, ok)
		}
	}
}

func FuzzSplitStatement(f *testing.F) {
	f.Add("SELECT ';' ; -- x\n/* ; */ \"a;b\" ; c")
	f.Fuzz(func(t *testing.T, text string) {
		statement, rest, ok := splitStatement(text)
		if ok && statement+";"+rest != text || !ok && rest != text {
			t.Errorf("%q is split into %q and %q", text, statement, rest)
		}
		blank(text)
	})
}

func TestBlank(t *testing.T) {
	for text, want := range map[string]bool{
		"": true, " \n\t": true, "-- x": true, "-- x\n /* y */ ": true, "/* open": true, "x": false, "-- x\ny": false, "'": false,
	} {
		if blank(text) != want {
			t.Errorf("%q: got %v", text, !want)
		}
	}
}

func TestBind(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	one := func(name string, v queries.Value) map[string]queries.Value { return map[string]queries.Value{name: v} }
	for _, c := range []struct {
		text   string
		params []string
		sql    string
		values map[string]queries.Value
	}{
		{"SELECT $$a$$", nil, "SELECT $$a$$", map[string]queries.Value{}},
		{"SELECT :x", []string{"x=it's"}, "SELECT :x", one("x", queries.Value{Type: queries.TypeString, Data: "it's"})},
		{"-- note\nSELECT :n;", []string{"n:integer=3"}, "-- note\nSELECT :n;", one("n", queries.Value{Type: queries.TypeInteger, Data: int64(3)})},
		{"SELECT :t", []string{"t:timestamp=now - 1 day"}, "SELECT :t", one("t", queries.Value{Type: queries.TypeTimestamp, Data: now.AddDate(0, 0, -1)})},
		{"-- name: q\n-- params:\n--   n: integer = 2\nSELECT :n", nil, "\n\n\nSELECT :n", one("n", queries.Value{Type: queries.TypeInteger, Data: int64(2)})},
		{"-- name: q\n-- params:\n--   n: integer = 2\nSELECT :n", []string{"n=5"}, "\n\n\nSELECT :n", one("n", queries.Value{Type: queries.TypeInteger, Data: int64(5)})},
	} {
		params, err := parseParams(c.params)
		if err != nil {
			t.Fatal(err)
		}
		got, err := bind("", c.text, params, now)
		if err != nil || got.SQL != c.sql || !reflect.DeepEqual(got.Params, c.values) {
			t.Errorf("%q with %q is %q with %v, %v", c.text, c.params, got.SQL, got.Params, err)
		}
	}
	for _, flag := range []string{"x:number=1", "x:integer=one"} {
		params, err := parseParams([]string{flag})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bind("", "SELECT :x", params, now); err == nil || !strings.HasPrefix(err.Error(), "--param x: ") {
			t.Errorf("%s gives %v", flag, err)
		}
	}
}

func TestParseArgs(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	got, err := parseArgs([]string{"arn:aws:iam::1:user/a", "integer:5", "string:date:x", "2001:db8::1"}, now)
	want := []queries.Value{
		{Type: queries.TypeString, Data: "arn:aws:iam::1:user/a"}, {Type: queries.TypeInteger, Data: int64(5)},
		{Type: queries.TypeString, Data: "date:x"}, {Type: queries.TypeString, Data: "2001:db8::1"},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := parseArgs([]string{"a", "integer:x"}, now); err == nil || !strings.HasPrefix(err.Error(), "--arg number 2: ") {
		t.Errorf("a wrong number gives %v", err)
	}
}

// What is wrong with a whole bucket has no key to be named by.
func TestProblems(t *testing.T) {
	var said strings.Builder
	a := &app{stderr: &said}
	a.problems([]lake.ObjectProblem{{Reason: "list s3://b/: nothing moves"}, {Object: "k", Reason: "read k: gone"}}, 2, "")
	if want := "  list s3://b/: nothing moves\n  k: read: gone\n"; said.String() != want {
		t.Errorf("said %q, want %q", said.String(), want)
	}
}

// TestDigestTextIsPrintable has names that whoever writes into the bucket may choose.
func TestDigestTextIsPrintable(t *testing.T) {
	got := digestText(&custody.Report{
		Trails:   []custody.Trail{{Account: "111122223333", Region: "us-east-1", Name: "t\x1b[2J", HomeRegion: "us-east-1"}},
		Findings: []custody.Finding{{Kind: custody.KindLog, Object: "a\nno findings\x1b[2J\u202e", Verdict: "INVALID: not found"}},
	}, false, printer{})
	want := `111122223333 us-east-1, trail t\x1b[2J of us-east-1: nothing` + "\n" +
		"Log file\t" + `a\nno findings\x1b[2J` + "\ufffd\tINVALID: not found\n1 finding\n"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestDescriptionsArePrintable has saved queries and packs that came from others.
func TestDescriptionsArePrintable(t *testing.T) {
	odd := "t\x1b[2J\u202e"
	for _, got := range []string{
		describeQuery(&queries.Query{Name: "q", Title: odd, Description: odd, SQL: "SELECT '" + odd + "',\n\t1"}, "", 80),
		describePack(&queries.Pack{Name: "p", Title: odd, Description: odd}, 80),
	} {
		if strings.ContainsAny(got, "\x1b\u202e") || strings.Count(got, `t\x1b[2J`+"\ufffd") < 2 {
			t.Errorf("%q has control characters", got)
		}
	}
}
