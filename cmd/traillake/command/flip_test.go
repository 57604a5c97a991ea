package command

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestQueryOfDamagedLake is F13 for queries: one bit flips in what a query reads, and it
// fails, or its result is what it was: never less, never other. verify --deep names the
// file (lake.TestFlip). Of data files, engine/duck.TestFlippedDataFile tests every region.
func TestQueryOfDamagedLake(t *testing.T) {
	a, stdout, stderr := newTestApp(t, nil)
	logs := filepath.Join(t.TempDir(), "logs")
	for _, args := range [][]string{{"generate", logs, "--records", "600", "--quiet"}, {"ingest", "--quiet", logs}} {
		if code := a.run(t.Context(), args); code != ExitDone {
			t.Fatal(stderr)
		}
	}
	query := func() (string, ExitCode) {
		stdout.Reset()
		stderr.Reset()
		code := a.run(t.Context(), []string{"query", "--fresh", "--format", "json", "SELECT * FROM events ORDER BY eventid"})
		return stdout.String(), code
	}
	want, code := query()
	if code != ExitDone {
		t.Fatal(stderr)
	}
	root, err := a.lakeRoot()
	if err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for _, c := range []struct {
		pattern string
		flips   int
		fails   bool // always
	}{
		{"lake.json", 2, true}, {"names/*.json", 2, true}, {"eds/*/metadata/v2.metadata.json", 4, true},
		{"eds/*/metadata/snap-*.avro", 3, true}, {"eds/*/metadata/*-m*.avro", 4, true}, {"eds/*/data/*/*.parquet", 12, false},
	} {
		paths, err := filepath.Glob(filepath.Join(root, c.pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("no file %s: %v", c.pattern, err)
		}
		sound, err := os.ReadFile(paths[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(paths[0], 0o600); err != nil {
			t.Fatal(err)
		}
		failed := 0
		for range c.flips {
			at := random.IntN(len(sound))
			flipped := bytes.Clone(sound)
			flipped[at] ^= 1 << random.IntN(8)
			if err := os.WriteFile(paths[0], flipped, 0o600); err != nil {
				t.Fatal(err)
			}
			got, code := query()
			if code == ExitDone && (got != want || c.fails) {
				t.Errorf("%s, byte %d: the query is done, with %d bytes, want %d", c.pattern, at, len(got), len(want))
			}
			if code != ExitDone {
				failed++
			}
		}
		if failed == 0 {
			t.Errorf("%s: no query failed", c.pattern)
		}
		if err := os.WriteFile(paths[0], sound, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, code := query(); code != ExitDone || got != want {
		t.Errorf("the lake is as it was, and the query ends with %d: %s", code, stderr)
	}
}
