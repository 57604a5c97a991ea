package lake

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestLocalStorageReportsErrors(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	st, err := newLocalStorage(filepath.Join(dir, "file"))
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, createErr := st.Create(ctx, "x/y")
	for _, err := range []error{st.PutIfAbsent(ctx, "x", nil), st.Put(ctx, "x", nil), createErr} {
		if err == nil || errors.Is(err, ErrOutcomeUnknown) || errors.Is(err, fs.ErrExist) {
			t.Errorf("write below a file: %v", err)
		}
	}
}
