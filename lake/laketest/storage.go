package laketest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"traillake/internal/stretch"
	"traillake/lake"
)

// Storage tests what every lake.Storage must do. It begins empty.
func Storage(t *testing.T, st lake.Storage) {
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
	for range 3 {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 1000)); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(w.Close(), w.Close(), w.Abort()); err != nil {
		t.Error(err)
	}
	// That the name is taken may show at once or in the end.
	again, err := st.Create(ctx, "a/c/stream")
	if err == nil {
		_, writeErr := again.Write([]byte("other"))
		err = errors.Join(again.Close(), writeErr)
	}
	if !errors.Is(err, fs.ErrExist) {
		t.Errorf("create twice: %v", err)
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

// StorageReads tests how a lake.Storage reads files of all sizes, ranges of them, and
// what Remote adds.
func StorageReads(t *testing.T, st lake.Storage) {
	t.Helper()
	ctx := t.Context()
	for _, size := range []int{0, 1, 1000, 64 << 10, 64<<10 + 1, 300_000, 6 << 20} {
		content := make([]byte, size)
		for i := range content {
			content[i] = byte(i*7 + i>>8)
		}
		// A name of a file that never changes: data files, of which there may be copies.
		name := fmt.Sprintf("eds/0b9b8f4e-7a0c-4a5a-9d57-5f9d3a1c2b3d/data/eventtime_day=2026-11-20/%08d-7a0c-7a5a-9d57-5f9d3a1c2b3d.parquet", size)
		if !lake.Immutable(name) {
			t.Fatalf("%s is no name of a data file", name)
		}
		w, err := st.Create(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		for part := range slices.Chunk(content, 100_000) {
			if _, err := w.Write(part); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if b, err := st.Get(ctx, name); err != nil || !bytes.Equal(b, content) {
			t.Errorf("get %d bytes: %d came, error %v", size, len(b), err)
		}
		f, err := st.Open(ctx, name)
		if err != nil {
			t.Fatal(err)
		}
		readFile(t, f, content)
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		r, ok := st.(lake.Remote)
		if !ok || st.LocalPath(name) != "" {
			continue
		}
		path, release, err := r.Fetch(ctx, name, int64(size))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, content) {
			t.Errorf("fetch %d bytes: %d came, error %v", size, len(b), err)
		}
		release()
		if _, _, err := r.Fetch(ctx, name, int64(size)+1); err == nil {
			t.Errorf("fetched %d bytes as one more", size)
		}
		r.Forget(name) // or there would be no parts of it
		readParts(t, r, name, content)
		if err := st.Remove(ctx, name); err != nil {
			t.Error(err)
		}
		if _, err := r.Uncached().Get(ctx, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a file that is gone: %v", err)
		}
	}
}

// readFile reads a file in several ways.
func readFile(t *testing.T, f lake.File, want []byte) {
	t.Helper()
	size := int64(len(want))
	if f.Size() != size {
		t.Errorf("it says that it has %d bytes, not %d", f.Size(), size)
	}
	for _, from := range []int64{0, size / 3, max(0, size-10), size} {
		if _, err := f.Seek(from, io.SeekStart); err != nil {
			t.Error(err)
		}
		if b, err := io.ReadAll(f); err != nil || !bytes.Equal(b, want[from:]) {
			t.Errorf("read %d bytes from %d: %d came, error %v", size, from, len(b), err)
		}
	}
	if at, err := f.Seek(-size/2, io.SeekEnd); err != nil || at != size-size/2 {
		t.Errorf("at %d, error %v", at, err)
	}
	part := make([]byte, 20)
	n, err := io.ReadFull(f, part)
	if at, seekErr := f.Seek(0, io.SeekCurrent); int64(n) != min(20, size/2) || seekErr != nil || at != size-size/2+int64(n) {
		t.Errorf("%d bytes in the middle, now at %d, errors %v, %v", n, at, err, seekErr)
	}
	for _, from := range []int64{0, size / 2, size - 20, size - 5, size, size + 5} {
		if from < 0 {
			continue
		}
		n, err := f.ReadAt(part, from)
		rest := want[min(from, size):]
		rest = rest[:min(20, len(rest))]
		if !bytes.Equal(part[:n], rest) || len(rest) < 20 && !errors.Is(err, io.EOF) || len(rest) == 20 && err != nil {
			t.Errorf("%d bytes at %d of %d, error %v", n, from, size, err)
		}
	}
}

// readParts fetches parts of a file, then others of it, and wants these and nothing wrong in
// the copies.
func readParts(t *testing.T, r lake.Remote, name string, content []byte) {
	t.Helper()
	size := int64(len(content))
	// get wants all that is held to be as it is, once the stretches have come.
	noted := false
	get := func(size int64, list ...stretch.Stretch) error {
		want := stretch.Of(list...)
		var held stretch.Set
		path, release, err := r.FetchParts(t.Context(), name, size, func(p lake.Parts) error {
			if err := p.Bring(want); err != nil {
				return err
			}
			held = p.Held()
			if note := p.Note(); note != "" && note != "noted" {
				t.Errorf("the note is %q", note)
			} else if noted = note != ""; !noted {
				p.SetNote("noted")
			}
			for _, s := range want {
				b := make([]byte, s.Length)
				if n, err := p.ReadAt(b, s.At); err != nil || !bytes.Equal(b, content[s.At:s.End()]) {
					t.Errorf("read %s of %d bytes: %d came, error %v", s, size, n, err)
				}
			}
			// What was not asked for comes when it is read.
			b := make([]byte, 10)
			if n, err := p.ReadAt(b, size-3); size >= 3 && (!errors.Is(err, io.EOF) || !bytes.Equal(b[:n], content[size-3:])) {
				t.Errorf("read the end: %x, error %v", b[:n], err)
			}
			return nil
		})
		if err != nil {
			return err
		}
		defer release()
		b, err := os.ReadFile(path)
		if err != nil || int64(len(b)) != size {
			t.Fatalf("a copy of parts has %d bytes of %d, error %v", len(b), size, err)
		}
		if missing := want.Without(held); missing != nil {
			t.Errorf("%v of %v did not come", missing, want)
		}
		for _, s := range held {
			if !bytes.Equal(b[s.At:s.End()], content[s.At:s.End()]) {
				t.Errorf("a copy of parts is wrong in %s", s)
			}
		}
		return nil
	}
	middle := stretch.Stretch{At: size / 2, Length: min(size/2, 10)}
	steps := [][]stretch.Stretch{{{At: size - size/8, Length: size / 8}}, {middle, {At: 0, Length: size / 8}}, {middle}, {{Length: size}}, {middle}}
	for _, list := range steps {
		if err := get(size, list...); err != nil {
			t.Errorf("fetch %v of %d bytes: %v", list, size, err)
		}
	}
	if !noted {
		t.Errorf("the note of parts of %d bytes is lost", size)
	}
	r.Forget(name)
	refusal := errors.New("no")
	if _, _, err := r.FetchParts(t.Context(), name, size, func(p lake.Parts) error { return errors.Join(p.Bring(stretch.Of(middle)), refusal) }); !errors.Is(err, refusal) {
		t.Errorf("an error of who asked gives %v", err)
	}
	if size < 2 {
		return
	}
	for _, other := range []int64{size - 1, size + 1} {
		if err := get(other, stretch.Stretch{At: other - 1, Length: 1}); !errors.Is(err, lake.ErrCorrupt) {
			t.Errorf("parts of %d bytes as of %d: %v", size, other, err)
		}
	}
}
