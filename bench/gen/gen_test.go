package gen

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// every is a small set with everything in it.
func every() Config {
	c := DefaultConfig()
	c.Records, c.Days, c.Seed = 8_000, 3, 7
	c.Insights, c.NetworkActivity, c.Oddities = true, true, 0.05
	return c
}

func generate(t *testing.T, c Config) (string, *Truth) {
	t.Helper()
	dir := t.TempDir()
	truth, err := Write(context.Background(), dir, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return dir, truth
}

// hashAll hashes the names and bytes of all files.
func hashAll(t *testing.T, dir string) string {
	t.Helper()
	h := sha256.New()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		fmt.Fprintf(h, "%s %d\n", filepath.ToSlash(rel), len(body))
		h.Write(body)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestSameConfigGivesSameBytes(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	c := every()
	one, _ := generate(t, c)
	runtime.GOMAXPROCS(4)
	four, _ := generate(t, c)
	if hashAll(t, one) != hashAll(t, four) {
		t.Error("one and four processors give different sets")
	}
	c.Seed++
	other, _ := generate(t, c)
	if hashAll(t, one) == hashAll(t, other) {
		t.Error("two seeds give the same set")
	}
}

func TestRecordsAreExactlyAsMany(t *testing.T) {
	for _, n := range []int{1, 7, 99, 600, 5_003} {
		for _, copies := range []bool{false, true} {
			c := DefaultConfig()
			c.Days, c.Records, c.Attack, c.GlobalCopies = 2, n, n >= AttackRecords, copies
			c.Insights, c.NetworkActivity = true, true
			_, truth := generate(t, c)
			if truth.Records != int64(n) {
				t.Errorf("%d records asked for, copies %v: %d written", n, copies, truth.Records)
			}
		}
	}
}

func TestExtremes(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"one account, one region":    func(c *Config) { c.Accounts, c.Regions = 1, 1 },
		"one account, all regions":   func(c *Config) { c.Accounts, c.Regions = 1, len(regionNames) },
		"many accounts":              func(c *Config) { c.Accounts, c.Regions = 60, 2 },
		"one day":                    func(c *Config) { c.Days = 1 },
		"a record a file":            func(c *Config) { c.FileRecords = 1 },
		"large files":                func(c *Config) { c.FileRecords = 10_000 },
		"small bytes":                func(c *Config) { c.FileBytes = 16 << 10 },
		"no data events":             func(c *Config) { c.DataEvents = 0 },
		"all odd":                    func(c *Config) { c.Oddities = 1 },
		"data events, mostly":        func(c *Config) { c.DataEvents = 0.9 },
		"no attack, no copies":       func(c *Config) { c.Attack, c.GlobalCopies = false, false },
		"organization, second trail": func(c *Config) { c.Organization = true },
	} {
		t.Run(name, func(t *testing.T) {
			c := every()
			c.Records, c.Days = 1_000, 2
			change(&c)
			dir, truth := generate(t, c)
			if truth.Records != int64(c.Records) {
				t.Errorf("%d records, want %d", truth.Records, c.Records)
			}
			checkTruth(t, dir, truth)
		})
	}
}

func TestFolderMustBeEmpty(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Write(context.Background(), dir, every(), nil)
	if !errors.Is(err, ErrNotEmpty) || !strings.Contains(err.Error(), dir) {
		t.Errorf("got error %v, want ErrNotEmpty with the folder", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d entries in the folder afterwards, want the one", len(files))
	}
}

// Of several that come at once, one writes its set.
func TestFolderIsClaimed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "set")
	c := every()
	c.Records = 1_000
	truths, errs := make([]*Truth, 4), make([]error, 4)
	var all sync.WaitGroup
	for i := range truths {
		all.Go(func() {
			c := c
			c.Seed = uint64(i)
			truths[i], errs[i] = Write(context.Background(), dir, c, nil)
		})
	}
	all.Wait()
	done := 0
	for i, err := range errs {
		switch {
		case err == nil:
			done++
			checkTruth(t, dir, truths[i])
		case !errors.Is(err, ErrNotEmpty):
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("%d sets are written into one folder", done)
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	c := every()
	c.Records = 50_000_000
	empty := t.TempDir()
	made := filepath.Join(empty, "made")
	start := time.Now()
	for _, dir := range []string{made, empty} {
		_, err := Write(ctx, dir, c, func(int) { cancel() })
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got error %v, want context.Canceled", err)
		}
	}
	if d := time.Since(start); d > 20*time.Second {
		t.Errorf("ended after %v", d)
	}
	if left, err := os.ReadDir(empty); err != nil || len(left) > 0 {
		t.Errorf("of unfinished sets %v stays, %v", left, err)
	}
}

func TestProgressReachesTheEnd(t *testing.T) {
	c, last := every(), 0
	_, err := Write(context.Background(), t.TempDir(), c, func(done int) {
		if done < last {
			t.Errorf("progress went from %d to %d", last, done)
		}
		last = done
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != c.Records {
		t.Errorf("last progress %d, want %d", last, c.Records)
	}
}

func TestValidateNamesEveryProblem(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("default: %v", err)
	}
	err := Config{Records: -1, Accounts: 0, Regions: 99, Days: 0, DataEvents: 2, Oddities: -1, FileRecords: -1, FileBytes: 3, Attack: true}.Validate()
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"records is -1, want 1", "for an attack", "accounts", "regions", "days", "data events", "oddities", "file records", "file bytes", "start"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing from:\n%v", want, err)
		}
	}
}

func TestReadTruth(t *testing.T) {
	dir, truth := generate(t, every())
	got, err := ReadTruth(dir)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprintf("%+v", got.Duplicates) != fmt.Sprintf("%+v", truth.Duplicates) || got.Records != truth.Records || got.Config != truth.Config {
		t.Errorf("read %+v, written %+v", got, truth)
	}
	if _, err := ReadTruth(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v, want fs.ErrNotExist", err)
	}
}

func BenchmarkWrite(b *testing.B) {
	c := DefaultConfig()
	c.Records = 200_000
	b.ReportAllocs()
	var truth *Truth
	for b.Loop() {
		var err error
		if truth, err = Write(context.Background(), b.TempDir(), c, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(truth.Bytes)
	b.ReportMetric(float64(c.Records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(truth.RecordBytes)/float64(truth.Records), "bytes/record")
	b.ReportMetric(float64(truth.Bytes)/float64(truth.CompressedBytes), "ratio")
}
