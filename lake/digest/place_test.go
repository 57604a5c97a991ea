package digest

import "testing"

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
