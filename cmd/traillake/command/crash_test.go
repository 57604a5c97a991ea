//go:build unix

package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
)

var crashRounds = flag.Int("crash.rounds", 25, "how many rounds TestCrash makes")

// crashEnv tells a process that TestCrash starts what to do, and where.
const crashEnv = "TRAILLAKE_TEST_CRASH"

// crashObjects is how many log files there are; each holds one event of each of two days.
const crashObjects = 150

// crashRoles are what processes do to one lake at the same time.
var crashRoles = map[string]func(crashLake, context.Context) error{
	"ingest":  crashLake.ingest,
	"query":   crashLake.query,
	"compact": crashLake.compact,
	"expire":  crashLake.expire,
}

// crashLake is the lake of one round, as one process sees it.
type crashLake struct {
	*lake.Lake
	logs string
}

func openCrashLake(ctx context.Context, root string) (crashLake, error) {
	place, o := filepath.Join(root, "lake"), lake.Options{}
	if uri := os.Getenv(crashPlaceEnv); uri != "" {
		st, err := openCrashStorage(ctx, uri, root)
		if err != nil {
			return crashLake{}, err
		}
		place, o.Storage = uri, st
	}
	l, err := lake.OpenOrCreate(ctx, place, o)
	return crashLake{l, filepath.Join(root, "logs")}, err
}

// store returns the store, and makes it if no other process does so first.
func (l crashLake) store(ctx context.Context) (*lake.Store, error) {
	s, err := l.Store(ctx, lake.DefaultStore)
	if errors.Is(err, lake.ErrStoreNotFound) {
		s, err = l.CreateStore(ctx, lake.StoreConfig{Name: lake.DefaultStore})
	}
	if errors.Is(err, lake.ErrStoreExists) {
		s, err = l.Store(ctx, lake.DefaultStore)
	}
	return s, err
}

// ingest takes in all logs, in small batches, so that there are many moments to be
// killed at.
func (l crashLake) ingest(ctx context.Context) error {
	s, err := l.store(ctx)
	if err != nil {
		return err
	}
	src, err := dir.Open(l.logs)
	if err != nil {
		return err
	}
	r, err := s.Ingest(ctx, src, lake.IngestOptions{BatchBytes: 1_000, Workers: 1})
	if err == nil && r.ObjectsFailed > 0 {
		err = fmt.Errorf("objects failed: %v", r.Failures)
	}
	return err
}

// compact compacts a few times, while there is more to compact.
func (l crashLake) compact(ctx context.Context) error {
	s, err := l.store(ctx)
	if err != nil {
		return err
	}
	for range 5 {
		if _, err := s.Compact(ctx, lake.CompactOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// expire removes what is too old, of which there is nothing, and looks for garbage, of
// which the dead leave some. It is too young to be removed.
func (l crashLake) expire(ctx context.Context) error {
	s, err := l.store(ctx)
	if err != nil {
		return err
	}
	for range 3 {
		if _, err := s.Expire(ctx, lake.ExpireOptions{}); err != nil {
			return err
		}
		if _, err := s.CollectGarbage(ctx, lake.GarbageOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// query counts a few times, and wants all of each batch or none: as many events of the
// first day as of the second, and none twice.
func (l crashLake) query(ctx context.Context) error {
	last := int64(0)
	for range 3 {
		n, err := l.count(ctx)
		if err != nil {
			return err
		}
		if n < last {
			return fmt.Errorf("%d events, where %d were before", n, last)
		}
		last = n
	}
	return nil
}

// count returns the number of events, if they add up.
func (l crashLake) count(ctx context.Context) (int64, error) {
	if _, err := l.store(ctx); err != nil {
		return 0, err
	}
	e := engine.New(l.Lake, duck.New(), engine.Options{Threads: 1})
	r, err := e.Query(ctx, engine.Request{
		SQL: "SELECT count(*), count(DISTINCT eventid), count_if(eventid LIKE '%-a'), count_if(eventid LIKE '%-b') FROM events",
	})
	if err != nil {
		return 0, err
	}
	defer r.Close()
	rec, err := r.Next(ctx)
	if err != nil {
		return 0, err
	}
	defer rec.Release()
	var n [4]int64
	for i := range n {
		n[i] = rec.Column(i).(*array.Int64).Value(0)
	}
	if n[0] != n[1] || n[2] != n[3] || n[0] != n[2]+n[3] {
		return 0, fmt.Errorf("%d events, %d different, %d of the first day, %d of the second", n[0], n[1], n[2], n[3])
	}
	return n[0], nil
}

// TestCrashProcess is a process that TestCrash starts. By itself it does nothing.
func TestCrashProcess(t *testing.T) {
	role, root, ok := strings.Cut(os.Getenv(crashEnv), " ")
	if !ok {
		return
	}
	l, err := openCrashLake(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(crashRoles[role](l, t.Context()), l.Close()); err != nil {
		t.Fatal(err)
	}
}

// startCrashProcess starts a process of a role. The returned function waits for its end,
// and fails the test unless it was killed or did what it had to do.
func startCrashProcess(t *testing.T, role, root string) (cmd *exec.Cmd, wait func() (killed bool)) {
	t.Helper()
	cmd = exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestCrashProcess$")
	// What a killed query leaves goes with the round.
	cmd.Env = append(os.Environ(), crashEnv+"="+role+" "+root, "TMPDIR="+root)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, func() bool {
		err := cmd.Wait()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return true
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", role, err, out.String())
		}
		return false
	}
}

// TestCrash is F1, F2, F5, F27, F28: processes ingest into one lake, query it and keep it
// in order at the same time, and are killed at random moments, or stopped and woken up
// again. Then an ingest runs to its end: no event is lost, none is there twice, and the
// lake is whole. -crash.rounds says how often; 'make crash ROUNDS=1000' is the same.
func TestCrash(t *testing.T) { crash(t, *crashRounds, func() {}, func() {}) }

// crash makes so many rounds. begin is called before each, and settle before what is left
// of it is looked at.
func crash(t *testing.T, rounds int, begin, settle func()) {
	if testing.Short() {
		rounds = 1 // every process takes seconds to start under the race detector
	}
	logs := t.TempDir()
	for i := range crashObjects {
		text := ""
		for day, letter := range []string{"a", "b"} {
			at := time.Now().UTC().AddDate(0, 0, -day-2).Format(time.DateOnly)
			text += fmt.Sprintf(`{"eventTime":"%sT12:00:00Z","eventID":"%d-%s","recipientAccountId":"123456789012"}`+"\n", at, i, letter)
		}
		if err := os.WriteFile(filepath.Join(logs, fmt.Sprintf("%03d.json", i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	newRoot := func() string {
		begin()
		root, err := os.MkdirTemp("", "traillake-crash-")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(logs, filepath.Join(root, "logs")); err != nil {
			t.Fatal(err)
		}
		return root
	}
	root := newRoot()
	started := time.Now()
	_, wait := startCrashProcess(t, "ingest", root)
	wait()
	clean := time.Since(started)
	if err := os.RemoveAll(root); err != nil {
		t.Fatal(err)
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d, one ingest takes %v", seed, clean)
	random := rand.New(rand.NewPCG(seed, 0))
	killed := 0
	for round := range rounds {
		root := newRoot()
		for range 2 {
			n := crashWave(t, root, random, clean)
			killed += n
			// The machine is busier or less so than it was: some are to end by themselves.
			switch all := len(crashRoles) + 1; {
			case n < all/2:
				clean = clean * 3 / 4
			case n == all:
				clean = clean * 5 / 4
			}
		}
		settle()
		finishCrashRound(t, root)
		if t.Failed() {
			t.Fatalf("round %d; what is left of it is in %s", round, root)
		}
		if err := os.RemoveAll(root); err != nil {
			t.Fatal(err)
		}
		if (round+1)%100 == 0 {
			t.Logf("%d rounds, %d processes killed", round+1, killed)
		}
	}
	t.Logf("%d rounds, %d processes killed", rounds, killed)
	if rounds >= 10 && killed < 2*rounds {
		t.Errorf("only %d processes were killed", killed)
	}
}

// crashWave runs two ingests and one process of every other role, and lets things happen
// to them. It returns how many were killed.
func crashWave(t *testing.T, root string, random *rand.Rand, clean time.Duration) int {
	var wg sync.WaitGroup
	var killed [8]int
	roles := []string{"ingest"}
	for role := range crashRoles {
		roles = append(roles, role)
	}
	for i, role := range roles {
		cmd, wait := startCrashProcess(t, role, root)
		at := func(after time.Duration, s syscall.Signal) *time.Timer {
			// The process may have ended by itself.
			return time.AfterFunc(after, func() { _ = cmd.Process.Signal(s) })
		}
		span := int64(clean * 2)
		timers := []*time.Timer{at(time.Duration(random.Int64N(span)), syscall.SIGKILL)}
		if random.IntN(3) == 0 {
			stop, pause := time.Duration(random.Int64N(span/2)), time.Duration(random.Int64N(span/2))
			timers = append(timers, at(stop, syscall.SIGSTOP), at(stop+pause, syscall.SIGCONT))
		}
		wg.Go(func() {
			if wait() {
				killed[i]++
			}
			for _, timer := range timers {
				timer.Stop()
			}
		})
	}
	wg.Wait()
	n := 0
	for _, k := range killed {
		n += k
	}
	return n
}

// finishCrashRound lets an ingest run to its end and looks at the outcome.
func finishCrashRound(t *testing.T, root string) {
	l, err := openCrashLake(t.Context(), root)
	if err != nil {
		t.Error(err)
		return
	}
	defer l.Close()
	if err := l.ingest(t.Context()); err != nil {
		t.Error(err)
		return
	}
	if n, err := l.count(t.Context()); err != nil || n != 2*crashObjects {
		t.Errorf("%d events, want %d; error %v", n, 2*crashObjects, err)
	}
	s, err := l.store(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	ledger, err := s.Ledger(t.Context())
	if err != nil || ledger.Len() != crashObjects {
		t.Errorf("the ledger has %d objects, want %d; error %v", ledger.Len(), crashObjects, err)
	}
	laketest.Check(t, l.Lake)
}
