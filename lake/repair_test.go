package lake

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestRepair damages what can be put right without guessing, and what cannot.
func TestRepair(t *testing.T) {
	s := openTest(t)
	ingestRows(t, s, testDay, 3, "/a")
	root := s.lake.Root()
	repair := func() []string {
		t.Helper()
		l := createTest(t, root, Options{})
		done, err := Repair(t.Context(), l)
		if err != nil {
			t.Fatal(err)
		}
		var paths []string
		for _, r := range done {
			paths = append(paths, r.Path)
		}
		mustBeWhole(t, l)
		return paths
	}
	if done := repair(); len(done) > 0 {
		t.Errorf("a sound lake was repaired: %v", done)
	}

	hint := filepath.Join(root, storeDir(s.id), hintName())
	for name, content := range map[string]string{"behind": "1\n", "torn": "", "no number": "\x00\x00", "without its newline": "2"} {
		if err := os.WriteFile(hint, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if done := repair(); !slices.Equal(done, []string{storeDir(s.id) + "/" + hintName()}) {
			t.Errorf("a hint that is %s: repaired %v", name, done)
		}
		if b, err := os.ReadFile(hint); err != nil || string(b) != "2\n" {
			t.Errorf("a hint that is %s: it says %q, %v", name, b, err)
		}
	}

	claim := filepath.Join(root, claimName(s.Name()))
	was, err := os.ReadFile(claim)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(claim); err != nil {
		t.Fatal(err)
	}
	if done := repair(); !slices.Equal(done, []string{claimName(s.Name())}) {
		t.Errorf("a lost name: repaired %v", done)
	}
	if is, err := os.ReadFile(claim); err != nil || string(is) != string(was) {
		t.Errorf("the name leads to %s, %v", is, err)
	}

	// Files in the making go when they are old; what has another name is not touched.
	old, young := filepath.Join(root, namesDir, tempPrefix+"old"), filepath.Join(root, tempPrefix+"young")
	orphan := filepath.Join(root, storeDir(s.id), dataName(testDay, s.id))
	for _, name := range []string{old, young, orphan} {
		if err := os.WriteFile(name, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	long := time.Now().Add(-orphanAge - time.Hour)
	for _, name := range []string{old, orphan} {
		if err := os.Chtimes(name, long, long); err != nil {
			t.Fatal(err)
		}
	}
	if done := repair(); !slices.Equal(done, []string{namesDir + "/" + tempPrefix + "old"}) {
		t.Errorf("files in the making: repaired %v", done)
	}

	// A hint that is ahead is evidence; it stays.
	if err := os.WriteFile(hint, formatHint(9), 0o600); err != nil {
		t.Fatal(err)
	}
	l := createTest(t, root, Options{})
	if done, err := Repair(t.Context(), l); err != nil || len(done) > 0 {
		t.Errorf("a hint that is ahead: repaired %v, error %v", done, err)
	}
	if report, err := Check(t.Context(), l, CheckOptions{}); err != nil || len(report.Problems) != 1 || report.Problems[0].Invariant != "I1" {
		t.Errorf("a hint that is ahead: problems %v, error %v", report.Problems, err)
	}
	if err := os.WriteFile(hint, formatHint(2), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestExportAudit checks an exported chain as an auditor would: with its bytes alone.
func TestExportAudit(t *testing.T) {
	s := openTest(t)
	ingestRows(t, s, testDay, 3, "/a")
	ingestRows(t, s, testDay, 3, "/b")
	var out bytes.Buffer
	sum, seq, err := s.ExportAudit(t.Context(), &out)
	if err != nil || seq != 2 {
		t.Fatalf("last commit %d, error %v", seq, err)
	}
	last, n := "", 0
	for line := range bytes.Lines(out.Bytes()) {
		var r struct{ Prev string }
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		if _, prev, _ := strings.Cut(r.Prev, "#"); prev != last {
			t.Errorf("record %d follows %q, want %q", n, prev, last)
		}
		last = hashOf(line)
		n++
	}
	if n != 3 || last != sum {
		t.Errorf("%d records, the last has sha256 %s, want 3, %s", n, last, sum)
	}
}
