package s3

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/lake/source"
)

func open(t testing.TB, k keys, prefix string, o Options) (*Source, *lister) {
	t.Helper()
	l, client := fake(t, k)
	s, err := Open(t.Context(), client, "b", prefix, o)
	if err != nil {
		t.Fatal(err)
	}
	return s, l
}

// list returns the keys that a source lists, and what it leaves out.
func list(t testing.TB, s *Source) (found, leftOut []string) {
	t.Helper()
	for o, err := range s.List(t.Context()) {
		var out *source.LeftOut
		switch {
		case errors.As(err, &out):
			leftOut = append(leftOut, o.Key)
		case err != nil:
			t.Fatal(err)
		default:
			found = append(found, o.Key)
			if p, err := source.Classify(o.Key); err != nil || p != o.Place {
				t.Errorf("%s: place %+v, want %+v (%v)", o.Key, o.Place, p, err)
			}
		}
	}
	return found, leftOut
}

func logKey(account, region, day string) string {
	return "AWSLogs/" + account + "/CloudTrail/" + region + "/" + day + "/x.json.gz"
}

// The layout is found wherever it begins, and what is not CloudTrail's is not listed.
func TestLayouts(t *testing.T) {
	const one, two = "111111111111", "222222222222"
	logs := []string{
		logKey(one, "us-east-1", "2026/01/02"),
		"AWSLogs/" + one + "/CloudTrail-Insight/us-east-1/2026/01/02/x.json.gz",
		"AWSLogs/o-exampleorg1/" + two + "/CloudTrail/eu-west-1/2026/01/02/x.json.gz",
		"o-exampleorg1/AWSLogs/o-exampleorg1/" + two + "/CloudTrail/eu-west-1/2026/01/02/x.json.gz", // Control Tower
		"trail & <b>/deep/" + logKey(one, "us-west-2", "2026/01/02"),
		"loose/a.json", "loose/b.jsonl",
	}
	others := []string{
		"AWSLogs/" + one + "/CloudTrail-Digest/us-east-1/2026/01/02/d.json.gz",
		"AWSLogs/" + one + "/Config/us-east-1/2026/1/2/ConfigHistory/c.json.gz",
		"AWSLogs/" + one + "/elasticloadbalancing/us-east-1/2026/01/02/l.log.gz",
		"AWSLogs/README.txt", "AWSLogs/aws-waf-logs/x.json", "beside.json", "loose/.hidden.json", "loose/readme.md", "loose/marker/",
		"AWSLogs/" + one + "/CloudTrail/us-east-1/notes.txt", "AWSLogs/" + one + "/CloudTrail/",
	}
	s, l := open(t, sorted(append(slices.Clone(logs), others...)...), "", Options{})
	found, out := list(t, s)
	slices.Sort(logs)
	slices.Sort(found)
	if !slices.Equal(found, logs) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(logs, "\n"))
	}
	for _, key := range others {
		if !slices.ContainsFunc(out, func(o string) bool { return strings.HasPrefix(key, o) }) {
			t.Errorf("%s is not said to be left out", key)
		}
	}
	if n := l.requests.Load(); n > 30 {
		t.Errorf("%d requests", n)
	}
	var folders []string
	for _, err := range s.List(t.Context()) {
		if out := (*source.LeftOut)(nil); errors.As(err, &out) && out.Folder {
			folders = append(folders, strings.TrimPrefix(out.Key, "AWSLogs/"))
		}
	}
	if want := []string{"aws-waf-logs/", one + "/CloudTrail-Digest/", one + "/Config/", one + "/elasticloadbalancing/"}; !slices.Equal(folders, want) {
		t.Errorf("folders left out: %q", folders)
	}
	// The same from further down, and with a name that another one begins with.
	for prefix, want := range map[string]int{
		"AWSLogs": 3, "AWSLogs/o-exampleorg1/": 1, "AWSLogs/" + one: 2, "AWSLogs/" + one + "/CloudTrail/us-east-1": 1,
		"AWSLogs/" + one + "/CloudTrail/us-east-1/2026/01": 1, "AWSLogs/" + one + "/CloudTrail-Digest": 0, "loose": 2,
		"loose/a.json": 1, "beside.json": 1, "trail & <b>": 1, logKey(one, "us-east-1", "2026/01/02"): 1,
	} {
		s, _ := open(t, sorted(append(slices.Clone(logs), others...)...), prefix, Options{})
		if found, _ := list(t, s); len(found) != want {
			t.Errorf("%s: found %q, want %d", prefix, found, want)
		}
	}
	_, client := fake(t, sorted(logs...))
	for _, prefix := range []string{"AWSLog", "nothing/", "loose/a"} {
		if _, err := Open(t.Context(), client, "b", prefix, Options{}); err == nil || !strings.Contains(err.Error(), "nothing is there") {
			t.Errorf("%s: %v", prefix, err)
		}
		awaited := ""
		s, err := Open(t.Context(), client, "b", prefix, Options{Await: func(url string) { awaited = url }})
		if err != nil || awaited != "s3://b/"+strings.TrimSuffix(prefix, "/")+"/" || s.URL() != awaited {
			t.Errorf("%s is awaited at %q: %v", prefix, awaited, err)
			continue
		}
		if found, _ := list(t, s); len(found) != 0 {
			t.Errorf("%s: found %q", prefix, found)
		}
	}
}

var firstDay = time.Date(2025, 11, 21, 0, 0, 0, 0, time.UTC)

// Whatever a listing cuts into tasks, it lists every key once and in order, and its
// filter chooses what source.Filter chooses.
func TestListAll(t *testing.T) {
	g := generated{accounts: 3, regions: 4, days: 40, perDay: 5, first: firstDay}
	for _, size := range []int{1000, 20} {
		for name, f := range map[string]source.Filter{
			"all":     {},
			"account": {Accounts: []string{"100000000001", "999999999999"}},
			"region":  {Regions: []string{"ap-south-1", "us-east-1"}},
			"days":    {From: firstDay.AddDate(0, 0, 10).Add(time.Hour), To: firstDay.AddDate(0, 0, 30).Add(time.Hour), Regions: []string{"ap-south-1"}},
			"from":    {From: firstDay.AddDate(0, 0, 35)},
			"day":     {From: firstDay.AddDate(0, 0, 5), To: firstDay.AddDate(0, 0, 6)},
		} {
			t.Run(fmt.Sprint(name, size), func(t *testing.T) {
				s, l := open(t, g, "", Options{Filter: f, Parallel: 8, Now: func() time.Time { return firstDay.AddDate(0, 0, 40) }})
				l.pageSize = size
				got, _ := list(t, s)
				var want []string
				for i := range g.len() {
					if p, _ := source.Classify(g.key(i)); first(f.Match(p)) {
						want = append(want, g.key(i))
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%d keys, want %d", len(got), len(want))
				}
			})
		}
	}
}

func first(ok, _ bool) bool { return ok }

// listedAt lists at a time, continuing from what was listed before, as an ingest does.
func listedAt(t *testing.T, l *lister, k keys, at time.Time, known *Listed) (found []string, requests int64, now *Listed) {
	t.Helper()
	size := l.pageSize
	s, l2 := open(t, k, "", Options{Now: func() time.Time { return at }})
	l2.pageSize = size
	if known != nil && !s.Continue(known) {
		t.Fatal("what was listed is not taken")
	}
	before := l2.requests.Load()
	found, _ = list(t, s)
	return found, l2.requests.Load() - before, s.Listed()
}

// An object that comes late is found: at once where its day is recent, where its folder is
// new or small, and within a cycle wherever it is. Listing without memory finds all.
func TestLateObjects(t *testing.T) {
	g := generated{accounts: 1, regions: 4, days: 365, perDay: 3, first: firstDay} // 1095 keys a region
	var all []string
	for i := range g.len() {
		all = append(all, g.key(i))
	}
	today := firstDay.AddDate(0, 0, 364)
	page := &lister{pageSize: 100}
	_, whole, known := listedAt(t, page, keyList(all), today, nil)
	if known == nil || len(known.Folders) != g.regions {
		t.Fatalf("learnt %+v", known)
	}
	late := func(region, day string) string {
		return "AWSLogs/o-exampleorg1/100000000000/CloudTrail/" + region + "/" + day + "/late.json.gz"
	}
	tomorrow := today.AddDate(0, 0, 1)
	sooner := []string{
		late("ap-northeast-1", tomorrow.Format("2006/01/02")), late("ap-northeast-2", today.Format("2006/01/02")),
		late("ap-northeast-3", today.AddDate(0, 0, -1).Format("2006/01/02")),
		late("af-south-1", "2025/12/24"), // a region that is new
		"AWSLogs/o-exampleorg1/200000000000/CloudTrail/us-east-1/2025/12/24/late.json.gz", "elsewhere/late.json",
	}
	bucket := sorted(append(slices.Clone(all), sooner...)...)
	found, requests, _ := listedAt(t, page, bucket, tomorrow, known)
	for _, key := range sooner {
		if !slices.Contains(found, key) {
			t.Errorf("%s is not found on the next day", key)
		}
	}
	if requests*4 > whole {
		t.Errorf("%d requests on the next day, %d on the first", requests, whole)
	}
	// Within sixty days, every old object is listed again, on days of their own.
	later := []string{late("ap-northeast-1", "2025/12/24"), late("ap-northeast-2", "2026/03/01"), late("ap-south-1", "2024/02/29"), late("ap-northeast-3", "2026/11/01")}
	bucket = sorted(append(bucket, later...)...)
	seen := make(map[string]bool)
	var most int
	for day := 1; day <= cycleDays; day++ {
		var found []string
		found, _, known = listedAt(t, page, bucket, today.AddDate(0, 0, day), known)
		most = max(most, len(found))
		for _, key := range found {
			seen[key] = true
		}
	}
	for _, key := range bucket {
		if !seen[key] {
			t.Errorf("%s is not listed within %d days", key, cycleDays)
		}
	}
	if most > len(bucket)/4 {
		t.Errorf("one day lists %d of %d keys", most, len(bucket))
	}
	// So are they after one pause of sixty days.
	if found, _, _ := listedAt(t, page, bucket, today.AddDate(0, 0, 2*cycleDays), known); len(found) != len(bucket) {
		t.Errorf("%d keys after a pause, want all %d", len(found), len(bucket))
	}
}

// A listing by a clock that was ahead hides nothing from the next one, and neither does a key
// of a day that is to come.
func TestListedAhead(t *testing.T) {
	g := generated{accounts: 1, regions: 2, days: 365, perDay: 3, first: firstDay} // 1095 keys a region
	var all []string
	for i := range g.len() {
		all = append(all, g.key(i))
	}
	key := func(day time.Time) string {
		return "AWSLogs/o-exampleorg1/100000000000/CloudTrail/ap-northeast-1/" + day.Format("2006/01/02") + "/y.json.gz"
	}
	today := firstDay.AddDate(0, 0, 364) // when the fake says that everything was put there
	bucket := sorted(append(slices.Clone(all), key(today.AddDate(40, 0, 0)))...)
	page := &lister{pageSize: 100}
	_, whole, known := listedAt(t, page, bucket, today.AddDate(0, 0, 30), nil)
	for days := range 3 {
		late := key(today.AddDate(0, 0, days))
		bucket = sorted(append(slices.Clone(bucket), late)...)
		var found []string
		var requests int64
		found, requests, known = listedAt(t, page, bucket, today.AddDate(0, 0, 30+days), known)
		if !slices.Contains(found, late) {
			t.Errorf("%s is not listed, with a clock that is thirty days ahead", late)
		}
		if requests*3 > whole {
			t.Errorf("%d requests, and %d for all", requests, whole)
		}
	}
}

// What was listed counts for the same source only, and not when it failed.
func TestContinue(t *testing.T) {
	g := generated{accounts: 1, regions: 2, days: 10, perDay: 1, first: firstDay}
	now := firstDay.AddDate(0, 0, 9)
	o := Options{Now: func() time.Time { return now }}
	s, _ := open(t, g, "", o)
	list(t, s)
	known := s.Listed()
	if known == nil || !s.Continue(known) {
		t.Fatal("not taken")
	}
	other := o
	other.Filter.Regions = []string{"us-east-1"}
	for name, s := range map[string]*Source{
		"filter": must(open(t, g, "", other)), "prefix": must(open(t, g, "AWSLogs", o)),
		"clock": must(open(t, g, "", Options{Now: func() time.Time { return now.Add(-time.Hour) }})),
	} {
		if s.Continue(known) {
			t.Errorf("taken with another %s", name)
		}
	}
	for range s.List(t.Context()) {
		break
	}
	if s.Listed() != nil {
		t.Error("a listing that was broken off counts")
	}
	ranged := o
	ranged.Filter.From = firstDay
	s, _ = open(t, g, "", ranged)
	list(t, s)
	if s.Listed() != nil || s.Continue(known) {
		t.Error("a listing of some days counts")
	}
}

func must(s *Source, _ *lister) *Source { return s }
