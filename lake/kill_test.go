package lake_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
)

// killEnv tells a child process of TestKill what to ingest where.
const killEnv = "TRAILLAKE_TEST_KILL"

// TestKillChild is the process that TestKill kills. By itself it does nothing.
func TestKillChild(t *testing.T) {
	root := os.Getenv(killEnv)
	if root == "" {
		return
	}
	killIngest(t, root+"/lake", root+"/logs")
}

func killIngest(t *testing.T, root, logs string) (*lake.Lake, *lake.Store) {
	l, err := lake.OpenOrCreate(t.Context(), root, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	s, err := l.Store(t.Context(), lake.DefaultStore)
	if errors.Is(err, lake.ErrStoreNotFound) {
		s, err = l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	}
	if err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(logs)
	if err != nil {
		t.Fatal(err)
	}
	// Small batches, so that there are many moments to be killed at.
	ingest(t, s, src, lake.IngestOptions{BatchBytes: 8_000})
	return l, s
}

// TestKill kills an ingest of 300 files at random moments, once or twice, and then
// lets one finish: the store holds exactly what a clean run stores, and is whole.
func TestKill(t *testing.T) {
	files := make(map[string]string)
	total := int64(0)
	for i := range 300 {
		// Two days: every day costs a data file in every commit.
		a := fmt.Sprintf(`{"eventTime":"2023-07-10T12:00:00Z","eventID":"%d-a"}`, i)
		b := fmt.Sprintf(`{"eventTime":"2023-07-11T12:00:00Z","eventID":"%d-b"}`, i)
		files[fmt.Sprintf("%03d.json", i)] = document(a, b)
		total += 2
	}
	logs := t.TempDir()
	writeFiles(t, logs, files)
	started := time.Now()
	killIngest(t, t.TempDir(), logs)
	clean := time.Since(started)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, a clean run takes %v", seed, clean)
	random := rand.New(rand.NewPCG(seed, 0))
	killed := 0
	rounds := 50
	if testing.Short() { // as under the race detector, which is ten times slower
		rounds = 10
	}
	for round := range rounds {
		root := t.TempDir()
		if err := os.Symlink(logs, root+"/logs"); err != nil {
			t.Fatal(err)
		}
		for range 1 + random.IntN(5)/4 {
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKillChild$")
			cmd.Env = append(os.Environ(), killEnv+"="+root)
			var out strings.Builder
			cmd.Stdout = &out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			stop := time.AfterFunc(time.Duration(random.Int64N(int64(clean*3/2))), func() { cmd.Process.Kill() })
			err := cmd.Wait()
			stop.Stop()
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
				killed++
			} else if err != nil {
				t.Fatalf("round %d: %v\n%s", round, err, out.String())
			}
		}
		l, s := killIngest(t, root+"/lake", root+"/logs")
		if n := rows(t, s); n != total {
			t.Fatalf("round %d: %d rows, want %d", round, n, total)
		}
		ledger, err := s.Ledger(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if ledger.Len() != int64(len(files)) {
			t.Fatalf("round %d: the ledger has %d objects", round, ledger.Len())
		}
		laketest.Check(t, l)
	}
	if killed < rounds/5 {
		t.Errorf("only %d of the runs were killed", killed)
	}
}
