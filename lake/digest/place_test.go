package digest

import (
	"slices"
	"strings"
	"testing"
)

func TestPlace(t *testing.T) {
	const rest = "111111111111/CloudTrail-Digest/eu-west-1/2026/01/01/d.json.gz"
	const log = "111111111111/CloudTrail/eu-west-1/2026/01/01/l.json.gz"
	for _, c := range []struct {
		at, key string
		inPlace bool
		log     string // key
		want    string // path
	}{
		{"/d/AWSLogs/" + rest, "AWSLogs/" + rest, true, "AWSLogs/" + log, "/d/AWSLogs/" + log},
		{"/d/p/AWSLogs/" + rest, "p/AWSLogs/" + rest, true, "p/AWSLogs/" + log, "/d/p/AWSLogs/" + log},
		{"/d/AWSLogs/" + rest, "p/AWSLogs/" + rest, true, "p/AWSLogs/" + log, "/d/AWSLogs/" + log},
		{"/d/AWSLogs/" + rest, "p/AWSLogs/" + rest, true, "old/AWSLogs/" + log, "/d/AWSLogs/" + log},
		{"/d/x/AWSLogs/" + rest, "p/AWSLogs/" + rest, true, "p/AWSLogs/" + log, "/d/x/AWSLogs/" + log},
		{"/d/AWSLogs/o-a/" + rest, "AWSLogs/" + rest, false, "", ""},
		{"/d/" + rest, "AWSLogs/" + rest, true, "AWSLogs/" + log, "/d/" + log},
		{"/d/d.json.gz", "AWSLogs/" + rest, true, "AWSLogs/" + log, ""},
		{"/d/AWSLogs/222222222222/CloudTrail-Digest/eu-west-1/2026/01/01/d.json.gz", "AWSLogs/" + rest, false, "", ""},
		{"/d/AWSLogs/e.json.gz", "AWSLogs/" + rest, false, "", ""},
		{"/d/AWSLogs/" + rest, "AWSLogs/" + rest, true, "AWSLogs/../../etc/passwd", ""},
	} {
		d := &Checked{At: Ref{Key: c.at}, File: &File{At: Ref{"b", c.key}}}
		if got := d.inPlace(); got != c.inPlace {
			t.Errorf("%s says it is %s: in place %v", c.at, c.key, got)
		}
		if !c.inPlace {
			continue
		}
		if got, ok := d.Beside(Ref{"b", c.log}); got.Key != c.want || ok != (c.want != "") {
			t.Errorf("%s names %s: at %q, want %q", c.at, c.log, got.Key, c.want)
		}
	}
	d := &Checked{At: Ref{"b", "k"}, File: &File{At: Ref{"b", "other"}}}
	if d.inPlace() {
		t.Error("a digest of another key is in place")
	}
	if at, ok := d.Beside(Ref{"c", "l"}); !ok || at != (Ref{"c", "l"}) {
		t.Errorf("in a bucket a name is a place, got %v", at)
	}
}

// FuzzPlace compares with what it is to say of paths, part by part.
func FuzzPlace(f *testing.F) {
	f.Add("/d/p/AWSLogs/1/d", "p/AWSLogs/1/d", "p/AWSLogs/1/l")
	f.Add("/d/AWSLogs/1/d", "p/AWSLogs/1/d", "old/AWSLogs/1/l")
	f.Add("/d/", "AWSLogs/", "/AWSLogs/../")
	f.Add("", "a", "a/b/.")
	f.Add("x/AWSLogs", "AWSLogs", "AWSLogs")
	f.Fuzz(func(t *testing.T, at, key, log string) {
		d := &Checked{At: Ref{Key: at}, File: &File{At: Ref{"b", key}}}
		path, parts, want := strings.Split(at, "/"), strings.Split(key, "/"), strings.Split(log, "/")
		n := 0
		for n < min(len(path), len(parts)) && slices.Equal(path[len(path)-1-n:], parts[len(parts)-1-n:]) {
			n++
		}
		folder := func(parts []string) int { // from AWSLogs on
			for i := len(parts) - 1; i >= 0; i-- {
				if parts[i] == logsFolder {
					return len(parts) - i
				}
			}
			return 0
		}
		inPlace := n > 0 && (n >= folder(path) || folder(parts) > 0 && n >= folder(parts))
		if got := d.inPlace(); got != inPlace {
			t.Errorf("%q says it is %q: in place %v, want %v", at, key, got, inPlace)
		}
		head := len(parts) - n
		var place []string
		switch i, j := folder(path), folder(want); {
		case slices.Contains(want, ".") || slices.Contains(want, ".."):
		case len(want) > head && slices.Equal(want[:head], parts[:head]):
			place = slices.Concat(path[:len(path)-n], want[head:])
		case i > 0 && j > 0:
			place = slices.Concat(path[:len(path)-i], want[len(want)-j:])
		}
		if got, ok := d.Beside(Ref{"b", log}); got.Key != strings.Join(place, "/") || got.Bucket != "" || ok != (place != nil) {
			t.Errorf("%q, which is %q, names %q: at %q, %v, want %q", at, key, log, got, ok, place)
		}
	})
}
