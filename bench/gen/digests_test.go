package gen

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"traillake/lake/digest"
)

func withDigests() Config {
	c := every()
	c.Records, c.Days, c.Accounts, c.Regions, c.Digests = 2_000, 1, 2, 2, true
	return c
}

// TestDigests wants every digest of a set to be valid by the keys beside it, and the same
// Config to give the same bytes.
func TestDigests(t *testing.T) {
	c := withDigests()
	dir, truth := generate(t, c)
	text, err := os.ReadFile(filepath.Join(dir, PublicKeysFile))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := digest.ParseKeys(text)
	if err != nil {
		t.Fatal(err)
	}
	var digests []*digest.Checked
	logs := map[string]string{}
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || !strings.Contains(path, "CloudTrail-Digest") || !strings.HasSuffix(path, ".json.gz") {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		stored, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		side, err := os.ReadFile(path + digest.SidecarSuffix)
		if err != nil {
			return err
		}
		meta, err := digest.ParseSidecar(side)
		if err != nil {
			return err
		}
		d := digest.Open(digest.Ref{Bucket: DigestBucket, Key: filepath.ToSlash(rel)}, stored, meta)
		if d.Verify(keys); !d.Valid() {
			t.Errorf("%s: %v", rel, d.Invalid)
			return nil
		}
		for _, l := range d.File.Logs {
			logs[l.Key] = l.SHA256
		}
		digests = append(digests, d)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if d := truth.Digests; int64(len(digests)) != d.Files || d.Logs != truth.Files || len(d.Faults) != 0 || int64(len(logs)) != truth.Files {
		t.Errorf("%d digests of %d logs, truth %+v, %d log files", len(digests), len(logs), d, truth.Files)
	}
	var reader digest.LogReader
	for key, want := range logs {
		f, err := os.Open(filepath.Join(dir, filepath.FromSlash(key)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := reader.Hash(f)
		f.Close()
		if err != nil || got != want {
			t.Errorf("%s has %s, error %v, its digest says %s", key, got, err, want)
		}
	}
	again, _ := generate(t, c)
	if hashAll(t, dir) != hashAll(t, again) {
		t.Error("the same config gives another set")
	}
}

func TestDigestFaults(t *testing.T) {
	c := withDigests()
	c.DigestFaults = strings.Join(DigestFaultNames, ",")
	_, truth := generate(t, c)
	planted := map[string]string{}
	for _, f := range truth.Digests.Faults {
		planted[f.Fault] = f.Object
	}
	if len(planted) != len(DigestFaultNames) || len(truth.Digests.Faults) != len(DigestFaultNames) {
		text, _ := json.Marshal(truth.Digests)
		t.Errorf("planted %s", text)
	}
	c.Records, c.Attack, c.Days = 50, false, 1
	if _, err := Write(t.Context(), t.TempDir(), c, nil); err == nil || !strings.Contains(err.Error(), "too small to plant") {
		t.Errorf("a set that is too small: %v", err)
	}
	for faults, want := range map[string]string{"typo": "none of modified-log", "wrong-key,wrong-key": "twice"} {
		c.DigestFaults = faults
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", faults, err, want)
		}
	}
	c.Digests = false
	if err := c.Validate(); err == nil || !strings.Contains(err.Error(), "no digests") {
		t.Errorf("without digests: %v", err)
	}
}

func TestKeyIsStrong(t *testing.T) {
	key := newKey(1)
	if key.N.BitLen() != 2048 || newKey(1).N.Cmp(key.N) != 0 || newKey(2).N.Cmp(key.N) == 0 {
		t.Errorf("a key of %d bits", key.N.BitLen())
	}
	if p := digest.PublicKeyOf(&key.PublicKey, time.Time{}, time.Time{}); len(p.Fingerprint) != 32 {
		t.Errorf("fingerprint %s", p.Fingerprint)
	}
}
