package source

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestClassify(t *testing.T) {
	day := time.Date(2023, 7, 10, 0, 0, 0, 0, time.UTC)
	for key, want := range map[string]Place{
		"AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10/218007301253_CloudTrail_us-east-1_20230710T1240Z_C1qUFaqvZS64BcIN.json.gz": {Logs, "", "218007301253", "us-east-1", day},
		"/a/prefix/AWSLogs/o-abc1234567/218007301253/CloudTrail/us-gov-west-1/2023/07/10/x.json.gz":                                      {Logs, "o-abc1234567", "218007301253", "us-gov-west-1", day},
		// Control Tower puts the organization's id before AWSLogs as well.
		"o-abc1234567/AWSLogs/o-abc1234567/218007301253/CloudTrail/eu-west-1/2023/07/10/x.json.gz": {Logs, "o-abc1234567", "218007301253", "eu-west-1", day},
		"AWSLogs/218007301253/CloudTrail-Insight/us-east-1/2023/07/10/x.json.gz":                   {Insight, "", "218007301253", "us-east-1", day},
		"AWSLogs/218007301253/CloudTrail-NetworkActivity/us-east-1/2023/07/10/x.json.gz":           {NetworkActivity, "", "218007301253", "us-east-1", day},
		"/tmp/218007301253_CloudTrail_us-east-1_20230710T1240Z_C1qUFaqvZS64BcIN.json.gz":           {Logs, "", "218007301253", "us-east-1", day},
		"/tmp/218007301253_CloudTrail_us-east-1-20230710T2300.json":                                {Logs, "", "218007301253", "us-east-1", day},
		"/tmp/218007301253_CloudTrail_us-east-1_20230710T1255ZHdkvFTXOA3Vnhbc.json.gz":             {Logs, "", "218007301253", "us-east-1", day},
		"/tmp/flaws_cloudtrail19.json.gz":                                                          {},
		"-":                                                                                        {},
	} {
		if _, ok := parseLayout(key); ok != strings.Contains(key, "AWSLogs/") {
			t.Errorf("%s: in the layout %v", key, ok)
		}
		got, err := Classify(key)
		if err != nil || got != want {
			t.Errorf("%s\n got %+v, %v\nwant %+v", key, got, err, want)
		}
	}
	for _, key := range []string{
		"AWSLogs/218007301253/CloudTrail-Digest/us-east-1/2023/07/10/x.json.gz",
		"AWSLogs/218007301253/CloudTrail-Aggregated/us-east-1/2023/07/10/x.json.gz",
		"AWSLogs/218007301253/CloudTrail-Tomorrow/us-east-1/2023/07/10/x.json.gz",
		"AWSLogs/218007301253/vpcflowlogs/us-east-1/2023/07/10/x.log.gz",
		"/b/AWSLogs/218007301253/elasticloadbalancing/us-east-1/2023/07/10/x.log.gz",
		"/b/AWSLogs/README.md",
		"/x/218007301253_CloudTrail-Digest_us-east-1_trail_us-east-1_20230710T1240Z.json.gz",
	} {
		var out *LeftOut
		if p, err := Classify(key); !errors.As(err, &out) {
			t.Errorf("%s is taken as %+v", key, p)
		}
	}
}

func TestFilter(t *testing.T) {
	day := func(s string) time.Time {
		d, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	p := Place{Logs, "", "111111111111", "us-east-1", day("2023-07-10T00:00:00Z")}
	for _, c := range []struct {
		name       string
		f          Filter
		p          Place
		ok, untold bool
	}{
		{"all", Filter{}, Place{}, true, false},
		{"account", Filter{Accounts: []string{"2", "111111111111"}}, p, true, false},
		{"other account", Filter{Accounts: []string{"2"}}, p, false, false},
		{"account untold", Filter{Accounts: []string{"2"}}, Place{}, false, true},
		{"region", Filter{Regions: []string{"us-east-1"}}, p, true, false},
		{"other region", Filter{Regions: []string{"eu-west-1"}}, p, false, false},
		{"region untold", Filter{Regions: []string{"eu-west-1"}}, Place{}, false, true},
		{"from its day", Filter{From: p.Day}, p, true, false},
		{"from inside its day", Filter{From: day("2023-07-10T12:00:00Z")}, p, true, false},
		{"from the next day", Filter{From: day("2023-07-11T00:00:00Z")}, p, false, false},
		{"to its day", Filter{To: p.Day}, p, false, false},
		{"to inside its day", Filter{To: day("2023-07-10T12:00:00Z")}, p, true, false},
		{"day untold", Filter{To: p.Day}, Place{Kind: Logs}, false, true},
	} {
		if ok, untold := c.f.Match(c.p); ok != c.ok || untold != c.untold {
			t.Errorf("%s: got %v, %v", c.name, ok, untold)
		}
	}
}

func TestHasLogSuffix(t *testing.T) {
	for name, want := range map[string]bool{
		"a.json": true, "A.JSON.GZ": true, "a.gz": true, ".ndjson": true, "a.jsonl": true, "json": false, "a.json.bak": false, "": false,
	} {
		if got := HasLogSuffix(name); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
	if want := "its name does not end in .json, .gz, .jsonl or .ndjson"; NoLogSuffix != want {
		t.Errorf("%q, want %q", NoLogSuffix, want)
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add("AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10/218007301253_CloudTrail_us-east-1_20230710T1240Z_C1qUFaqvZS64BcIN.json.gz")
	f.Fuzz(func(t *testing.T, key string) {
		p := ParseKey(key)
		if (p.Kind == Unknown) != (p == Place{}) {
			t.Errorf("half a place: %+v", p)
		}
		if p.Kind != Unknown && (len(p.Account) != 12 || p.Day.IsZero()) {
			t.Errorf("%+v", p)
		}
	})
}

// FuzzParseLayout wants keys in CloudTrail's layout to tell the same whoever reads them.
func FuzzParseLayout(f *testing.F) {
	for _, key := range []string{
		"AWSLogs/218007301253/CloudTrail/us-east-1/2023/07/10/x.json.gz", "/a/AWSLogs/o-abc1234567/218007301253/CloudTrail-Digest/us-east-1/2023/07/10/x",
		"AWSLogs/218007301253/CloudTrail-Other/us-east-1/2023/07/10/x", "xAWSLogs/218007301253/CloudTrail/us-east-1/2023/02/30/x", "/2023/07/10/x", "2023/07/10/x",
		"AWSLogs/AWSLogs/218007301253/CloudTrail/a/2023/07/10/\n", "AWSLogs/o-abc/218007301253/CloudTrail/a/2023/07/1/x", "//CloudTrail/a/2023/07/10/x",
	} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if got, ok := parseLayout(key); ok && got != parseAny(key) {
			t.Errorf("%q\n got %+v\nwant %+v", key, got, parseAny(key))
		}
	})
}
