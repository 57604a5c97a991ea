package lake

import (
	"errors"
	"io/fs"
	"testing"
)

func TestTableIODropsTornFile(t *testing.T) {
	local, err := newLocalStorage(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	rw := &tableIO{ctx: t.Context(), st: badDisk{Storage: local, op: "write", text: "torn"}}
	if err := rw.WriteFile(uriOf(local.Root(), "metadata/torn"), []byte("text")); !errors.Is(err, errBadDisk) {
		t.Errorf("got %v, want the failure", err)
	}
	if _, err := local.Stat(t.Context(), "metadata/torn"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the torn file is left: %v", err)
	}
	if err := rw.WriteFile(uriOf(local.Root(), "metadata/whole"), []byte("text")); err != nil {
		t.Error(err)
	}
}
