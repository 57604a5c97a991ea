package lake_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"traillake/lake"
	"traillake/lake/source/dir"
)

// TestIngestSettle wants files that are cut off to be left for later while somebody may be writing
// them, and whole ones to be taken at once.
func TestIngestSettle(t *testing.T) {
	whole, text := zip(t, document(event(1), event(2))), document(event(3))
	for name, content := range map[string]string{
		"cut.json.gz": whole[:len(whole)-9], "header.json.gz": whole[:5], "magic.json.gz": whole[:2], "cut.json": text[:len(text)-1], "record.json": text[:len(text)-2], "text.json": text[:12], "empty.json": "",
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			root := t.TempDir()
			o := lake.IngestOptions{Settle: time.Hour}
			round := func(content string, age time.Duration) *lake.IngestResult {
				t.Helper()
				writeFiles(t, root, map[string]string{name: content})
				at := time.Now().Add(-age)
				if err := os.Chtimes(filepath.Join(root, name), at, at); err != nil {
					t.Fatal(err)
				}
				src, err := dir.Open(root)
				if err != nil {
					t.Fatal(err)
				}
				return ingest(t, s, src, o)
			}
			if r := round(content, time.Minute); r.ObjectsFailed != 1 || r.Stored+r.Quarantined != 0 || r.Commits != 0 {
				t.Errorf("cut off a minute ago: %+v", r)
			}
			small := o
			o.WholeObject = 1
			if r := round(whole, time.Minute); r.ObjectsFailed != 1 {
				t.Errorf("large, changed a minute ago: %+v", r)
			}
			o = small
			if r := round(whole, 0); r.ObjectsFailed != 0 || r.Stored != 2 || r.Quarantined != 0 {
				t.Errorf("whole: %+v", r)
			}
			if r := round(content, 2*time.Hour); r.ObjectsFailed != 0 || r.Quarantined != 1 {
				t.Errorf("cut off two hours ago: %+v", r)
			}
			o.Settle = 0
			if r := round(content+" ", 0); r.ObjectsFailed != 0 || name != "empty.json" && r.Quarantined != 1 {
				t.Errorf("where nobody writes: %+v", r)
			}
		})
	}
}
