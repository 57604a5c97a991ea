package gen

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"traillake/lake/digest"
	"traillake/lake/digest/custody"
	"traillake/lake/source/dir"
)

func check(t *testing.T, folder string, o custody.Options) *custody.Report {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, PublicKeysFile))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := digest.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	o.Keys = func(context.Context, []string, time.Time, time.Time) (*digest.Keys, error) { return keys, nil }
	r, err := custody.Verify(context.Background(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPlantedFaults wants each fault to give its finding, all of them nothing else, and a
// clean set to give none.
func TestPlantedFaults(t *testing.T) {
	verdicts := map[string]string{
		FaultModifiedLog:     "INVALID: hash value doesn't match",
		FaultDeletedLog:      "INVALID: not found",
		FaultMissingDigest:   "INVALID: not found",
		FaultBrokenChain:     "INVALID: not the digest that the next one names",
		FaultWrongKey:        "INVALID: public key not found in region us-east-1 for fingerprint ",
		FaultForgedSignature: "INVALID: signature verification failed",
	}
	for _, faults := range []string{"", strings.Join(DigestFaultNames, ",")} {
		t.Run(faults, func(t *testing.T) {
			c := withDigests()
			c.DigestFaults = faults
			c.Organization = strings.Contains(faults, ",")
			folder, truth := generate(t, c)
			r := check(t, folder, custody.Options{})
			found := map[string]string{}
			for _, f := range r.Findings {
				found[strings.TrimPrefix(f.Object, "s3://"+DigestBucket+"/")] = f.Verdict
			}
			if len(found) != len(r.Findings) {
				t.Errorf("an object has two findings: %+v", r.Findings)
			}
			for _, f := range truth.Digests.Faults {
				if got := found[f.Object]; got == "" || !strings.HasPrefix(got, verdicts[f.Fault]) {
					t.Errorf("%s of %s gives %q, want %s", f.Fault, f.Object, got, verdicts[f.Fault])
				}
				delete(found, f.Object)
			}
			if len(found) > 0 {
				t.Errorf("found beyond what was planted: %v", found)
			}
			if int64(len(r.Trails)) != truth.Digests.Chains {
				t.Errorf("%d trails, want %d", len(r.Trails), truth.Digests.Chains)
			}
			logs, digests := r.Logs, r.Digests
			if faults == "" && (digests.Valid != truth.Digests.Files || logs.Valid != truth.Files || logs.Unchecked+logs.Invalid+digests.Unchecked+digests.Invalid != 0) {
				t.Errorf("digests %+v of %d, logs %+v of %d", digests, truth.Digests.Files, logs, truth.Files)
			}
			for _, trail := range r.Trails {
				if len(trail.Gaps) > 0 || trail.Outside.After+trail.Outside.Before+trail.Outside.Untold > 0 || len(r.Without) > 0 {
					t.Errorf("%+v", trail)
				}
				if faults == "" && len(trail.Unsigned) > 0 {
					t.Errorf("unsigned: %+v", trail.Unsigned)
				}
			}
		})
	}
}

// TestWithoutSidecars wants a copy that has lost the metadata to be checked with the
// signatures that digests name, all but the newest of each trail.
func TestWithoutSidecars(t *testing.T) {
	folder, truth := generate(t, withDigests())
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, digest.SidecarSuffix) {
			err = os.Remove(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r := check(t, folder, custody.Options{})
	if len(r.Findings) != 0 || r.Digests.Unchecked != truth.Digests.Chains || r.Digests.Valid != truth.Digests.Files-truth.Digests.Chains {
		t.Errorf("%+v, findings %v", r.Digests, r.Findings)
	}
	if r.Logs.Valid+r.Logs.Unchecked != truth.Files || r.Logs.Unchecked == 0 {
		t.Errorf("%+v of %d logs", r.Logs, truth.Files)
	}
}

// TestUnlisted wants a log that was put into the folder to be found, unless it belongs to a
// time without digests.
func TestUnlisted(t *testing.T) {
	c := withDigests()
	c.DigestFaults = FaultMissingDigest
	folder, truth := generate(t, c)
	missing := truth.Digests.Faults[0]
	name, ok := digest.ParseName(missing.Object)
	if !ok {
		t.Fatal(missing.Object)
	}
	put := func(hours int) string {
		at := name.End.Add(time.Duration(hours)*time.Hour - 10*time.Minute)
		prefix, _, _ := strings.Cut(missing.Object, name.Account+"/CloudTrail-Digest/")
		key := fmt.Sprintf("%s%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s_abcdefghijklmnop.json.gz", prefix, name.Account, name.Region,
			at.Format("2006/01/02"), name.Account, name.Region, at.Format("20060102T1504Z"))
		path := filepath.Join(folder, filepath.FromSlash(key))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	put(0)
	beside := put(1)
	r := check(t, folder, custody.Options{})
	if len(r.Findings) != 2 || r.Findings[1].Object != beside || r.Findings[1].Verdict != "INVALID: no digest names it" {
		t.Errorf("findings %+v, want the missing digest and %s", r.Findings, beside)
	}
}

// TestPeriod wants only what was asked for to be checked.
func TestPeriod(t *testing.T) {
	c := withDigests()
	c.DigestFaults = strings.Join(DigestFaultNames, ",")
	folder, _ := generate(t, c)
	for _, o := range []custody.Options{
		{Accounts: []string{"000000000000"}},
		{From: c.Start.AddDate(1, 0, 0)},
		{To: c.Start.AddDate(-1, 0, 0)},
	} {
		r := check(t, folder, o)
		if len(r.Trails) != 0 || len(r.Findings) != 1 || r.Findings[0].Verdict != "No digests found" || len(r.Without) != 0 {
			t.Errorf("%+v gives %+v", o, r)
		}
	}
	noon := c.Start.Add(12 * time.Hour)
	all, morning, evening := check(t, folder, custody.Options{}), check(t, folder, custody.Options{To: noon}), check(t, folder, custody.Options{From: noon})
	if n := len(all.Findings); n != len(DigestFaultNames) || len(morning.Findings)+len(evening.Findings) < n {
		t.Errorf("%d findings in all, %d until noon, %d afterwards", n, len(morning.Findings), len(evening.Findings))
	}
	for _, trail := range evening.Trails {
		if trail.FoundFrom.Before(noon) {
			t.Errorf("found from %s", trail.FoundFrom)
		}
	}
}
