package lake

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
			return edit(t, first(t, s, "metadata/v4.metadata.json"), replace(`"total-records":"30"`, `"total-records":"31"`))
		}, "I3", false},
		"deleted ledger": {func(t *testing.T, s *Store) string { return remove(t, first(t, s, "ingest/000000000001-*")) }, "I4", false},
		"edited ledger": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, "ingest/000000000002-*"), text(replace(`"rows_in":10`, `"rows_in":11`)))
		}, "I4", false},
		"edited commit record": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, "audit/000000000001-*"), replace(`"rows":10`, `"rows":11`))
		}, "I8", false},
		"deleted commit record": {func(t *testing.T, s *Store) string { return remove(t, first(t, s, "audit/000000000000-*")) }, "I8", false},
		"edited quarantine": {func(t *testing.T, s *Store) string {
			return edit(t, first(t, s, "quarantine/*"), text(replace("bad", "gut")))
		}, "I2", false},
		"deleted quarantine": {func(t *testing.T, s *Store) string { return remove(t, first(t, s, "quarantine/*")) }, "I2", false},
		"broken newest metadata": {func(t *testing.T, s *Store) string {
			edit(t, first(t, s, "metadata/v4.metadata.json"), func([]byte) []byte { return []byte("{") })
			return s.lake.st.LocalPath(claimName(s.Name()))
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
