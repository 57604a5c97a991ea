package lake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"traillake/internal/vfs"
)

func TestLocalStorage(t *testing.T) {
	for name, c := range map[string]struct {
		fs  vfs.FS
		dir string
	}{"disk": {vfs.OS, t.TempDir()}, "memory": {vfs.NewMemory(), "/new/lake"}} {
		t.Run(name, func(t *testing.T) {
			st, err := newLocalStorageOn(c.fs, c.dir)
			if err != nil {
				t.Fatal(err)
			}
			testStorage(t, st)
			testStorage(t, subStorage{st, "below/this"})
			for fi, err := range st.List(t.Context(), "") {
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(path.Base(fi.Name), tempPrefix) {
					t.Errorf("a temporary file is left: %s", fi.Name)
				}
			}
		})
	}
}

// testStorage is what every Storage must do. It begins empty.
func testStorage(t *testing.T, st Storage) {
	t.Helper()
	ctx := t.Context()
	list := func(dir string) (names []string) {
		for fi, err := range st.List(ctx, dir) {
			if err != nil {
				t.Error(err)
			}
			names = append(names, fmt.Sprint(fi.Name, " ", fi.Size))
		}
		slices.Sort(names)
		return names
	}
	if got := list("a"); len(got) > 0 {
		t.Errorf("a new storage holds %v", got)
	}
	if err := st.PutIfAbsent(ctx, "a/b/one", []byte("1")); err != nil {
		t.Error(err)
	}
	if err := st.PutIfAbsent(ctx, "a/b/one", []byte("other")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("put over a file: %v", err)
	}
	for _, text := range []string{"first", "second"} {
		if err := st.Put(ctx, "a/hint", []byte(text)); err != nil {
			t.Error(err)
		}
	}
	w, err := st.Create(ctx, "a/c/stream")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Create(ctx, "a/c/stream"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("create twice: %v", err)
	}
	for range 3 {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(w.Close(), w.Close(), w.Abort()); err != nil {
		t.Error(err)
	}
	gone, err := st.Create(ctx, "a/c/gone")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(gone.Abort(), gone.Abort(), gone.Close()); err != nil {
		t.Error(err)
	}
	if _, err := gone.Write([]byte("x")); err == nil {
		t.Error("write after abort")
	}
	if got, want := list("a"), []string{"a/b/one 1", "a/c/stream 3000", "a/hint 6"}; !slices.Equal(got, want) {
		t.Errorf("it holds %v, want %v", got, want)
	}
	if got := list("a/b"); len(got) != 1 {
		t.Errorf("a/b holds %v", got)
	}
	for range st.List(ctx, "a") {
		break // must not go on
	}
	if b, err := st.Get(ctx, "a/hint"); err != nil || string(b) != "second" {
		t.Errorf("get %q, %v", b, err)
	}
	if fi, err := st.Stat(ctx, "a/c/stream"); err != nil || fi.Size != 3000 || fi.Name != "a/c/stream" || fi.ModTime.IsZero() {
		t.Errorf("stat %+v, %v", fi, err)
	}
	f, err := st.Open(ctx, "a/b/one")
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(f); err != nil || string(b) != "1" || f.Size() != 1 {
		t.Errorf("read %q, size %d, %v", b, f.Size(), err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := st.Remove(ctx, "a/hint"); err != nil {
			t.Error(err)
		}
	}
	_, getErr := st.Get(ctx, "a/hint")
	_, openErr := st.Open(ctx, "a/hint")
	_, statErr := st.Stat(ctx, "a/hint")
	_, dirErr := st.Stat(ctx, "a/b")
	for _, err := range []error{getErr, openErr, statErr, dirErr} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a name that is not there: %v", err)
		}
	}
	// Of many writers of one name one wins, and its bytes are there.
	var winner atomic.Int64
	var wg sync.WaitGroup
	for i := range int64(8) {
		wg.Go(func() {
			err := st.PutIfAbsent(ctx, "a/race", fmt.Append(nil, i+1))
			if err == nil && !winner.CompareAndSwap(0, i+1) {
				t.Error("two writers won")
			}
			if err != nil && !errors.Is(err, fs.ErrExist) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if b, err := st.Get(ctx, "a/race"); err != nil || string(b) != fmt.Sprint(winner.Load()) {
		t.Errorf("the winner is %d, the file says %s", winner.Load(), b)
	}
}

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
