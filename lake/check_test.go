package lake

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
)

// TestCheckFindsDamage plants one kind of damage at a time and wants it found, with the
// file named.
func TestCheckFindsDamage(t *testing.T) {
	first := func(t *testing.T, s *Store, pattern string) string {
		t.Helper()
		names, err := filepath.Glob(filepath.Join(s.st.LocalPath(""), pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("no file %s: %v", pattern, err)
		}
		return names[0]
	}
	edit := func(t *testing.T, path string, f func(b []byte) []byte) string {
		t.Helper()
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		changed := f(bytes.Clone(b))
		if bytes.Equal(changed, b) {
			t.Fatalf("%s is not changed", path)
		}
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	remove := func(t *testing.T, path string) string {
		t.Helper()
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	replace := func(old, with string) func(b []byte) []byte {
		return func(b []byte) []byte { return bytes.Replace(b, []byte(old), []byte(with), 1) }
	}
	text := func(f func(b []byte) []byte) func(b []byte) []byte {
		return func(b []byte) []byte {
			dec, err := zstd.NewReader(nil)
			if err != nil {
				t.Fatal(err)
			}
			defer dec.Close()
			plain, err := dec.DecodeAll(b, nil)
			if err != nil {
				t.Fatal(err)
			}
			enc, err := zstd.NewWriter(nil)
			if err != nil {
				t.Fatal(err)
			}
			defer enc.Close()
			return enc.EncodeAll(f(plain), nil)
		}
	}
	resealed := func(f func(b []byte) []byte) func(b []byte) []byte {
		return func(b []byte) []byte {
			sealed, err := seal(f(b), propSeal)
			if err != nil {
				t.Fatal(err)
			}
			return sealed
		}
	}
	flip := func(at int) func(b []byte) []byte {
		return func(b []byte) []byte { b[at] ^= 0x10; return b }
	}
	const dataFiles = "data/*/*.parquet"
	for name, c := range map[string]struct {
		damage    func(t *testing.T, s *Store) string
		invariant string
		deep      bool
	}{
		"deleted data file": {func(t *testing.T, s *Store) string { return remove(t, first(t, s, dataFiles)) }, "I2", false},
		"truncated data file": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, dataFiles), func(b []byte) []byte { return b[:len(b)-9] })
		}, "I2", false},
		"footer destroyed": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, dataFiles), func(b []byte) []byte { return append(b[:len(b)-4], "JUNK"...) })
		}, "I3", false},
		"bit in a data page":    {func(t *testing.T, s *Store) string { return edit(t, first(t, s, dataFiles), flip(100)) }, "I2", true},
		"deleted manifest":      {func(t *testing.T, s *Store) string { return remove(t, first(t, s, "metadata/*-m*.avro")) }, "I2", false},
		"deleted manifest list": {func(t *testing.T, s *Store) string { return remove(t, first(t, s, "metadata/snap-*.avro")) }, "I2", false},
		"truncated manifest": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, "metadata/*-m*.avro"), func(b []byte) []byte { return b[:len(b)/2] })
		}, "I2", false},
		"deleted version": {func(t *testing.T, s *Store) string { return remove(t, first(t, s, "metadata/v2.metadata.json")) }, "I1", false},
		"other total": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, "metadata/v4.metadata.json"), resealed(replace(`"total-records":"30"`, `"total-records":"31"`)))
		}, "I3", false},
		"deleted ledger": {func(t *testing.T, s *Store) string { return remove(t, first(t, s, "ingest/000000000001-*")) }, "I4", false},
		"edited ledger": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, "ingest/000000000002-*"), text(replace(`"rows_in":10`, `"rows_in":11`)))
		}, "I4", false},
		"edited commit record": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, "audit/000000000001-*"), replace(`"rows":10`, `"rows":11`))
		}, "I8", false},
		"deleted commit record": {func(t *testing.T, s *Store) string { return remove(t, first(t, s, "audit/000000000000-*")) }, "I8", false},
		"commit record with a broken link": {func(t *testing.T, s *Store) string {
			path := first(t, s, "audit/000000000003-*")
			var was, is string
			edit(t, path, func(b []byte) []byte {
				r, err := decodeCommitRecord(b)
				if err != nil {
					t.Fatal(err)
				}
				r.Prev = "nothing"
				changed, err := r.encode()
				if err != nil {
					t.Fatal(err)
				}
				was, is = hashOf(b), hashOf(changed)
				return changed
			})
			edit(t, first(t, s, "metadata/v4.metadata.json"), resealed(replace(was, is)))
			return path
		}, "I8", false},
		"object taken in twice, by content": {func(t *testing.T, s *Store) string {
			s.ledger.seen = make(map[[16]byte]struct{}) // it lets everything in
			b := begin(t, s)
			addRows(t, b, testDay, 10, "/a")
			b.objects[0].MTime = b.objects[0].MTime.Add(time.Hour)
			commit(t, b)
			return first(t, s, "ingest/000000000001-*") // checked from the newest back
		}, "I4", false},
		"object taken in twice, by identity": {func(t *testing.T, s *Store) string {
			s.ledger.seen = make(map[[16]byte]struct{})
			b := begin(t, s)
			addRows(t, b, testDay, 10, "/a")
			b.objects[0].SHA256 = ""
			commit(t, b)
			return first(t, s, "ingest/000000000001-*")
		}, "I4", false},
		"edited quarantine": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, "quarantine/*"), text(replace("bad", "gut")))
		}, "I2", false},
		"deleted quarantine": {func(t *testing.T, s *Store) string { return remove(t, first(t, s, "quarantine/*")) }, "I2", false},
		"broken newest metadata": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, "metadata/v4.metadata.json"), func([]byte) []byte { return []byte("{") })
		}, "I1", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := createTest(t, t.TempDir(), Options{})
			s, err := l.CreateStore(t.Context(), StoreConfig{Name: "damaged"})
			if err != nil {
				t.Fatal(err)
			}
			for i, source := range []string{"/a", "/b", "/c"} {
				b := begin(t, s)
				addRows(t, b, testDay+Day(i), 10, source)
				if err := b.Quarantine(Quarantined{Key: source, Reason: "bad", Raw: bytes.Repeat([]byte("bad"), 100)}); err != nil {
					t.Fatal(err)
				}
				commit(t, b)
			}
			if err := l.Schedules().Put(t.Context(), RecordVersion{"monthly/definition", 1}, 1); err != nil {
				t.Fatal(err)
			}
			for _, deep := range []bool{false, true} {
				report, err := Check(t.Context(), l, CheckOptions{Deep: deep})
				if err != nil || len(report.Problems) > 0 {
					t.Fatalf("a sound lake has problems %v, error %v", report.Problems, err)
				}
				for _, n := range report.Checks {
					if n.Checked == 0 {
						t.Errorf("%s was checked on nothing", n.ID)
					}
				}
			}
			damaged := c.damage(t, s)
			report, err := Check(t.Context(), l, CheckOptions{Deep: c.deep})
			if err != nil {
				t.Fatal(err)
			}
			rel, err := filepath.Rel(l.Root(), damaged)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(report.Problems, func(p Problem) bool {
				return p.Invariant == c.invariant && p.Path == filepath.ToSlash(rel) && p.Store == "damaged"
			}) {
				t.Errorf("damage of %s is not found as %s; problems: %v", rel, c.invariant, report.Problems)
			}
		})
	}
}

func TestCheckCallsOrphansInformation(t *testing.T) {
	s := openTest(t)
	ingestRows(t, s, testDay, 1, "/a")
	b := begin(t, s)
	addRows(t, b, testDay, 1, "/b")
	var calls int64
	report, err := Check(t.Context(), s.lake, CheckOptions{Progress: func(done, total int64) {
		if calls++; done != calls || total != 1 {
			t.Errorf("progress %d of %d", done, total)
		}
	}})
	if err != nil || len(report.Problems) != 0 || calls != 1 {
		t.Errorf("problems %v, error %v, %d calls", report.Problems, err, calls)
	}
	if len(report.Orphans) != 1 || !strings.HasSuffix(report.Orphans[0].Name, dataSuffix) || report.Orphans[0].Size == 0 {
		t.Errorf("orphans %v, want the uncommitted file", report.Orphans)
	}
	if err := b.Abort(); err != nil {
		t.Error(err)
	}
	mustHaveNoOrphans(t, s.lake)
}

// TestCheckSeesFilesInTheMaking leaves what a killed writer leaves.
func TestCheckSeesFilesInTheMaking(t *testing.T) {
	s := openTest(t)
	ingestRows(t, s, testDay, 1, "/a")
	st, err := newLocalStorage(s.lake.Root())
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range []string{claimName("late"), storeDir(s.id) + "/" + metadataName(3), storeDir(s.id) + "/" + hintName()} {
		temp, err := st.writeTemp(st.LocalPath(name), []byte("half"), false)
		if err != nil {
			t.Fatal(err)
		}
		rel, err := filepath.Rel(s.lake.Root(), temp)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, filepath.ToSlash(rel))
	}
	report, err := Check(t.Context(), s.lake, CheckOptions{})
	if err != nil || len(report.Problems) > 0 {
		t.Errorf("problems %v, error %v", report.Problems, err)
	}
	var got []string
	for _, o := range report.Orphans {
		got = append(got, o.Name)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("orphans %v, want %v", got, want)
	}
	if stores, err := s.lake.Stores(t.Context()); err != nil || len(stores) != 1 {
		t.Errorf("%d stores, error %v, want 1", len(stores), err)
	}
	if sn := ingestRows(t, reopen(t, s), testDay, 1, "/b"); sn.Version() != 3 {
		t.Errorf("version %d, want 3", sn.Version())
	}
}

// TestCheckStreamsQuarantine makes it impossible to read a quarantine file at once.
func TestCheckStreamsQuarantine(t *testing.T) {
	local, err := newLocalStorage(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := createTest(t, local.dir, Options{Storage: badDisk{Storage: local, op: "get", text: quarSuffix}})
	s, err := l.CreateStore(t.Context(), StoreConfig{Name: DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	b := begin(t, s)
	addRows(t, b, testDay, 1, "/a")
	if err := b.Quarantine(Quarantined{Key: "/a", Reason: "bad", Raw: []byte("raw")}); err != nil {
		t.Fatal(err)
	}
	commit(t, b)
	mustBeWhole(t, l)
}

// TestProblemsHaveOneOrder sorts problems from every order into that of the invariants.
func TestProblemsHaveOneOrder(t *testing.T) {
	want := []Problem{
		{"I2", "a", "x", errors.New("1")}, {"I2", "ab", "", errors.New("1")}, {"I2", "b", "", errors.New("1")},
		{"I2", "b", "", errors.New("2")}, {"I8", "a", "", errors.New("1")}, {"I17", "", "", errors.New("1")},
	}
	for range 20 {
		got := slices.Clone(want)
		rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		if slices.SortFunc(got, compareProblems); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
}
