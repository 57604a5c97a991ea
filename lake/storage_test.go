package lake_test

import (
	"path"
	"strings"
	"testing"

	"traillake/internal/vfs"
	"traillake/lake"
	"traillake/lake/laketest"
)

func TestLocalStorage(t *testing.T) {
	for name, c := range map[string]struct {
		fs  vfs.FS
		dir string
	}{"disk": {vfs.OS, t.TempDir()}, "memory": {vfs.NewMemory(), "/new/lake"}} {
		t.Run(name, func(t *testing.T) {
			st, err := lake.LocalStorage(c.fs, c.dir)
			if err != nil {
				t.Fatal(err)
			}
			laketest.Storage(t, st)
			laketest.Storage(t, lake.Below(st, "below/this"))
			laketest.StorageReads(t, st)
			for fi, err := range st.List(t.Context(), "") {
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(path.Base(fi.Name), ".tmp-") {
					t.Errorf("a temporary file is left: %s", fi.Name)
				}
			}
		})
	}
}
