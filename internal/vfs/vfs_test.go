package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"path"
	"strings"
	"syscall"
	"testing"
)

func syncDir(f FS, name string) error {
	d, err := f.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// TestFS runs the same steps on every file system.
func TestFS(t *testing.T) {
	for name, c := range map[string]struct {
		fs   FS
		root string
	}{
		"os":     {OS, t.TempDir()},
		"memory": {NewMemory(), "/"},
		"faults": {NewFaults(NewMemory(), nil), "/"},
	} {
		t.Run(name, func(t *testing.T) { testFS(t, c.fs, c.root) })
	}
}

func testFS(t *testing.T, f FS, root string) {
	at := func(name string) string { return path.Join(root, name) }
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	want := func(err, target error) {
		t.Helper()
		if !errors.Is(err, target) {
			t.Errorf("got %v, want %v", err, target)
		}
	}
	must(f.Mkdir(at("d")))
	want(f.Mkdir(at("d")), fs.ErrExist)
	want(f.Mkdir(at("no/d")), fs.ErrNotExist)
	w, err := f.Create(at("d/one"))
	must(err)
	_, err = f.Create(at("d/one"))
	want(err, fs.ErrExist)
	_, err = f.Create(at("no/one"))
	want(err, fs.ErrNotExist)
	for _, text := range []string{"hello ", "world"} {
		n, err := w.Write([]byte(text))
		must(err)
		if n != len(text) {
			t.Errorf("wrote %d", n)
		}
	}
	must(w.Chmod(0o444))
	must(w.Sync())
	must(w.Close())
	want(w.Close(), fs.ErrClosed)
	_, err = w.Write([]byte("x"))
	want(err, fs.ErrClosed)
	must(syncDir(f, at("d")))

	must(f.Link(at("d/one"), at("d/two")))
	want(f.Link(at("d/one"), at("d/two")), fs.ErrExist)
	want(f.Link(at("d/none"), at("d/three")), fs.ErrNotExist)
	must(f.Rename(at("d/two"), at("d/three")))
	want(f.Rename(at("d/two"), at("d/four")), fs.ErrNotExist)
	must(f.Remove(at("d/one")))
	want(f.Remove(at("d/one")), fs.ErrNotExist)

	entries, err := f.ReadDir(at("d"))
	must(err)
	if len(entries) != 1 || entries[0].Name() != "three" || !entries[0].Type().IsRegular() {
		t.Errorf("entries %v", entries)
	}
	_, err = f.ReadDir(at("none"))
	want(err, fs.ErrNotExist)
	fi, err := f.Stat(at("d/three"))
	must(err)
	if fi.Size() != 11 || fi.Mode() != 0o444 || fi.Name() != "three" || fi.ModTime().IsZero() {
		t.Errorf("stat %v %v %v", fi.Size(), fi.Mode(), fi.Name())
	}
	if fi, err := f.Stat(at("d")); err != nil || !fi.IsDir() {
		t.Errorf("a folder: %v, %v", fi, err)
	}
	_, err = f.Stat(at("d/none"))
	want(err, fs.ErrNotExist)

	r, err := f.Open(at("d/three"))
	must(err)
	_, err = r.Write([]byte("x"))
	if err == nil {
		t.Error("write to a file that was opened for reading")
	}
	must(f.Remove(at("d/three"))) // open files stay readable
	if b, err := io.ReadAll(r); err != nil || string(b) != "hello world" {
		t.Errorf("read %q, %v", b, err)
	}
	p := make([]byte, 10)
	if n, err := r.ReadAt(p, 6); n != 5 || err != io.EOF || string(p[:n]) != "world" {
		t.Errorf("read %q, %v", p[:n], err)
	}
	if n, err := r.Seek(-5, io.SeekEnd); n != 6 || err != nil {
		t.Errorf("seek to %d, %v", n, err)
	}
	if n, err := r.Read(p[:2]); n != 2 || err != nil || string(p[:2]) != "wo" {
		t.Errorf("read %q, %v", p[:n], err)
	}
	if fi, err := r.Stat(); err != nil || fi.Size() != 11 {
		t.Errorf("stat %v, %v", fi, err)
	}
	must(r.Close())
	_, err = ReadFile(f, at("d/three"))
	want(err, fs.ErrNotExist)
}

// write creates a file, and syncs it and its folder as asked.
func write(t *testing.T, f FS, name, text string, sync, syncName bool) {
	t.Helper()
	w, err := f.Create(name)
	if err == nil {
		_, err = io.WriteString(w, text)
	}
	if err == nil && sync {
		err = w.Sync()
	}
	if err == nil {
		err = w.Close()
	}
	if err == nil && syncName {
		err = syncDir(f, path.Dir(name))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestCrashKeepsWhatWasSynced checks the promise, and that nothing else is one.
func TestCrashKeepsWhatWasSynced(t *testing.T) {
	m := NewMemory()
	text := strings.Repeat("x", 3*sector)
	write(t, m, "/synced", text, true, true)
	write(t, m, "/name", text, false, true)
	write(t, m, "/old", "old", true, true)
	write(t, m, "/bytes", text, true, false)
	write(t, m, "/.tmp", "new", true, false)
	if err := errors.Join(m.Rename("/.tmp", "/old"), m.Remove("/synced"), m.Mkdir("/dir")); err != nil {
		t.Fatal(err)
	}
	write(t, m, "/dir/file", "in a folder that was not synced", true, true)
	seen := make(map[string]bool)
	see := func(m *Memory, name string) {
		b, err := ReadFile(m, name)
		switch {
		case err != nil:
			seen[name+" gone"] = true
		case name == "/old":
			seen[name+" "+string(b)] = true
		case string(b) == text:
			seen[name+" whole"] = true
		default:
			seen[name+" torn"] = true
		}
	}
	names := []string{"/synced", "/name", "/bytes", "/old", "/dir/file"}
	strict := m.Crash(nil)
	for _, name := range names {
		see(strict, name)
	}
	for _, want := range []string{"/synced whole", "/name torn", "/bytes gone", "/old old", "/dir/file gone"} {
		if !seen[want] {
			t.Errorf("nothing but what was synced: no %s; seen %v", want, seen)
		}
	}
	for seed := range uint64(200) {
		crashed := m.Crash(rand.New(rand.NewPCG(seed, 0)))
		for _, name := range names {
			see(crashed, name)
		}
	}
	for _, want := range []string{
		"/synced whole", "/synced gone", "/name torn", "/bytes whole", "/bytes gone", "/old old", "/old new", "/dir/file gone", "/dir/file torn",
	} {
		if !seen[want] {
			t.Errorf("never %s", want)
		}
	}
	for _, never := range []string{"/synced torn", "/bytes torn", "/name gone", "/old gone"} {
		if seen[never] {
			t.Errorf("%s", never)
		}
	}
	if b, err := ReadFile(m, "/name"); err != nil || string(b) != text {
		t.Errorf("the crash changed the file system it was taken of: %v", err)
	}
}

// TestCrashAfterFailedSync: what a failed sync lost, no later sync brings back.
func TestCrashAfterFailedSync(t *testing.T) {
	m := NewMemory()
	f := NewFaults(m, func(o Op) Fault {
		if o.N == 3 || o.N == 8 {
			return Fault{Err: syscall.EIO}
		}
		return Fault{}
	})
	w, err := f.Create("/a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := w.Sync(); !errors.Is(err, syscall.EIO) {
		t.Errorf("first sync: %v", err)
	}
	if _, err := w.Write([]byte("second")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Sync(), w.Close()); err != nil {
		t.Error(err)
	}
	if err := syncDir(f, "/"); !errors.Is(err, syscall.EIO) {
		t.Errorf("sync of the folder: %v", err)
	}
	if err := syncDir(f, "/"); err != nil {
		t.Error(err)
	}
	if _, err := m.Crash(nil).Stat("/a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the name came back: %v", err)
	}
	if b, err := ReadFile(m, "/a"); err != nil || string(b) != "firstsecond" {
		t.Errorf("before the crash: %q, %v", b, err)
	}
	if err := errors.Join(m.Link("/a", "/b"), syncDir(m, "/")); err != nil {
		t.Fatal(err)
	}
	if b, err := ReadFile(m.Crash(nil), "/b"); err != nil || string(b) != "\x00\x00\x00\x00\x00second" {
		t.Errorf("after the crash: %q, %v", b, err)
	}
}

// TestFaults makes each operation of a small program fail, to each extent.
func TestFaults(t *testing.T) {
	program := func(f FS) error {
		w, err := f.Create("/a")
		if err != nil {
			return err
		}
		n, err := w.Write([]byte("1234"))
		if err != nil {
			return errors.Join(fmt.Errorf("%d written: %w", n, err), w.Close())
		}
		return errors.Join(w.Chmod(0o400), w.Sync(), w.Close(), f.Link("/a", "/b"), f.Rename("/b", "/c"), f.Remove("/a"), f.Mkdir("/d"), syncDir(f, "/"))
	}
	count := NewFaults(NewMemory(), nil)
	if err := program(count); err != nil {
		t.Fatal(err)
	}
	ops := count.Ops()
	if len(ops) != 12 || ops[0] != (Op{1, OpCreate, "/a"}) || ops[5] != (Op{6, OpLink, "/b"}) || ops[4].Changes() || !ops[5].Changes() {
		t.Fatalf("operations %v", ops)
	}
	for n := 1; n <= len(ops); n++ {
		for _, extent := range []Extent{Nothing, Half, All} {
			m := NewMemory()
			err := program(NewFaults(m, FailAt(n, Fault{syscall.ENOSPC, extent})))
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%v, extent %d: error %v", ops[n-1], extent, err)
			}
			entries, err := m.ReadDir("/")
			if err != nil {
				t.Fatal(err)
			}
			if want := n == 1 && extent != All; (len(entries) == 0) != want {
				t.Errorf("%v, extent %d: %d entries", ops[n-1], extent, len(entries))
			}
			if n == 2 {
				if fi, err := m.Stat("/a"); err != nil || fi.Size() != int64(extent)*2 {
					t.Errorf("extent %d of a write: %v, %v", extent, fi.Size(), err)
				}
			}
		}
		dead := NewFaults(NewMemory(), DieAt(n, All))
		if err := program(dead); !errors.Is(err, ErrDead) {
			t.Errorf("death at %v: %v", ops[n-1], err)
		}
		if _, err := dead.Stat("/a"); !errors.Is(err, ErrDead) {
			t.Errorf("after death at %v: %v", ops[n-1], err)
		}
	}
	full := NewFaults(NewMemory(), FailFrom(2, syscall.ENOSPC, func(o Op) bool { return o.Kind == OpWrite || o.Kind == OpMkdir }))
	if err := program(full); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("full disk: %v", err)
	}
	if err := full.Mkdir("/e"); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("full disk: %v", err)
	}
}
