package evidence

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"traillake/internal/sealed"
	"traillake/internal/sign"
	"traillake/internal/vfs"
	"traillake/lake"
	"traillake/lake/source/dir"
)

// keys are made once: it takes a while.
var keys = sync.OnceValues(func() (*sign.Key, *sign.Key) { return must(sign.NewKey()), must(sign.NewKey()) })

func must[T any](v T, err error) T {
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return v
}

func put(t testing.TB, root string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func log(n int) string {
	return fmt.Sprintf(`{"Records":[{"eventVersion":"1.10","eventTime":"2026-01-%02dT00:00:00Z","eventID":"e%d","eventCategory":"Management"}]}`, n%28+1, n)
}

// name is that of a log as CloudTrail names it.
func name(n int) string {
	return fmt.Sprintf("AWSLogs/111111111111/CloudTrail/us-east-1/2026/01/01/111111111111_CloudTrail_us-east-1_20260101T%04dZ_abcdefghijklmnop.json", n)
}

// made is a lake with two stores, ingested in three commits from logs, one of them with two
// contents and one that cannot be read.
type made struct {
	root, logs string
	lake       *lake.Lake
}

func newMade(t testing.TB) made {
	t.Helper()
	m := made{root: filepath.Join(t.TempDir(), "lake"), logs: filepath.Join(t.TempDir(), "logs")}
	l, err := lake.OpenOrCreate(t.Context(), m.root, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	m.lake = l
	t.Cleanup(func() { l.Close() })
	for _, name := range []string{"events", "other"} {
		if _, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	put(t, m.logs, map[string]string{name(1): log(1), name(2): log(2), "a/same.json": log(3), "b/same.json": log(4), "a/broken.json": "{"})
	m.ingest(t, "events")
	put(t, m.logs, map[string]string{name(5): log(5)})
	m.ingest(t, "events")
	return m
}

func (m made) ingest(t testing.TB, store string) {
	t.Helper()
	s, err := m.lake.Store(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(m.logs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ingest(t.Context(), src, lake.IngestOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (m made) write(t testing.TB) string {
	t.Helper()
	key, _ := keys()
	to := filepath.Join(t.TempDir(), "statement")
	st, report, err := Write(t.Context(), m.lake, to, Options{Key: key, Tool: "test", Check: lake.CheckOptions{Deep: true}})
	if err != nil || len(report.Problems) > 0 {
		t.Fatalf("%v, %v", report, err)
	}
	if st.Objects != 6 || len(st.Stores) != 2 || st.Stores[0].Events != 5 || st.Stores[0].Quarantined != 1 || st.Stores[1].Commit != 0 {
		t.Fatalf("the statement is on %d objects, stores %+v", st.Objects, st.Stores)
	}
	return to
}

// copied copies a folder.
func copied(t testing.TB, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

// verify checks a statement with the key that signed it, and what there is.
func verify(t testing.TB, statement, root, logs string) (*Result, []string) {
	t.Helper()
	key, _ := keys()
	public := key.Public()
	var found []string
	o := VerifyOptions{Key: &public, Found: func(f Finding) {
		if f.Outcome != Same {
			name := filepath.Base(f.Name)
			if strings.HasPrefix(name, "snap-") { // the rest is random
				name = "snap"
			}
			found = append(found, fmt.Sprintf("%s %s %s", f.Where, f.Outcome, name))
		}
	}}
	if root != "" {
		st, err := lake.LocalStorage(vfs.OS, root)
		if err != nil {
			t.Fatal(err)
		}
		o.Lake = st
	}
	if logs != "" {
		src, err := dir.Open(logs)
		if err != nil {
			t.Fatal(err)
		}
		o.Sources = src
	}
	r, err := Verify(t.Context(), statement, o)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	return r, found
}

func tree(t testing.TB, root string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for _, f := range must(sealed.List(root)) {
		files[f.Name] = string(must(os.ReadFile(filepath.Join(root, f.Name))))
	}
	return files
}

// TestStatement wants a statement to be the same twice, to be of all that there is, and to
// find it the same in copies that lie elsewhere.
func TestStatement(t *testing.T) {
	m := newMade(t)
	one := m.write(t)
	if two := m.write(t); !maps.Equal(tree(t, one), tree(t, two)) {
		t.Error("two statements on one lake differ")
	}
	r, found := verify(t, one, copied(t, m.root), copied(t, m.logs))
	if !r.OK() || r.Commits != 4 || r.Statement == nil || r.Statement.Files != r.Lake.Same || r.Sources.Same != 6 || r.Lake.Changed+r.Lake.Missing+r.Sources.NotListed != 0 {
		t.Errorf("%+v, lake %+v, sources %+v: %v", r, r.Lake, r.Sources, found)
	}
	// Older versions are no part of the state, and neither is what only they lead to.
	if want := []string{"lake not listed snap", "lake not listed v1.metadata.json", "lake not listed v2.metadata.json"}; !slices.Equal(found, want) {
		t.Errorf("found %q, want %q", found, want)
	}
	if r, _ := verify(t, one, "", ""); !r.OK() || r.Lake != nil || r.Sources != nil {
		t.Errorf("alone: %+v", r)
	}
	_, stranger := keys()
	public := stranger.Public()
	if r, err := Verify(t.Context(), one, VerifyOptions{Key: &public}); err != nil || r.OK() || r.Statement != nil {
		t.Errorf("by another key: %+v, %v", r, err)
	}
	if _, err := Verify(t.Context(), filepath.Join(one, "nowhere"), VerifyOptions{}); err == nil {
		t.Error("no folder is verified")
	}
}

// TestCopies changes copies of lake and logs in every way.
func TestCopies(t *testing.T) {
	m := newMade(t)
	statement := m.write(t)
	root, logs := copied(t, m.root), copied(t, m.logs)
	var data, commit string
	for f := range tree(t, root) {
		if strings.HasSuffix(f, ".parquet") && data < f {
			data = f
		}
		if strings.Contains(f, "/audit/") && strings.Contains(f, "000000000001-") {
			commit = f
		}
	}
	flip(t, filepath.Join(root, data), 100)
	if err := os.Remove(filepath.Join(root, commit)); err != nil {
		t.Fatal(err)
	}
	v3 := filepath.Dir(filepath.Dir(filepath.Dir(data))) + "/metadata/"
	put(t, root, map[string]string{v3 + "v9.metadata.json": "{}", v3 + "version-hint.text": "9\n"})
	flip(t, filepath.Join(logs, name(1)), 40)
	if err := os.Rename(filepath.Join(logs, "b"), filepath.Join(logs, "elsewhere")); err != nil { // it may lie anywhere
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(logs, name(2))); err != nil {
		t.Fatal(err)
	}
	put(t, logs, map[string]string{name(7): log(7)})
	r, found := verify(t, statement, root, logs)
	want := []string{
		"lake changed " + filepath.Base(data), "lake missing " + filepath.Base(commit), "lake not listed snap", "lake not listed v1.metadata.json", "lake not listed v2.metadata.json", "lake not listed v9.metadata.json",
		"sources changed " + filepath.Base(name(1)), "sources missing " + filepath.Base(name(2)), "sources not listed " + filepath.Base(name(7)),
	}
	if r.OK() || !slices.Equal(found, want) {
		t.Errorf("found\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(want, "\n"))
	}
	if *r.Sources != (Compared{Same: 4, Changed: 1, Missing: 1, NotListed: 1}) {
		t.Errorf("sources %+v", r.Sources)
	}
	// Two logs of one name of which one took the other's content.
	put(t, logs, map[string]string{"a/same.json": log(4)})
	if _, found = verify(t, statement, "", logs); !slices.Contains(found, "sources missing same.json") {
		t.Errorf("found %q", found)
	}
	// The lake that goes on.
	m.ingest(t, "other")
	if r, found := verify(t, statement, m.root, ""); !r.OK() || !slices.Contains(found, "lake not listed v2.metadata.json") {
		t.Errorf("later: %v", found)
	}
}

// TestTwoStores has a log that was ingested twice be there for both stores, or for neither.
func TestTwoStores(t *testing.T) {
	m := newMade(t)
	m.ingest(t, "other")
	key, _ := keys()
	statement := filepath.Join(t.TempDir(), "statement")
	if _, _, err := Write(t.Context(), m.lake, statement, Options{Key: key, Tool: "test"}); err != nil {
		t.Fatal(err)
	}
	if r, found := verify(t, statement, "", m.logs); !r.OK() || *r.Sources != (Compared{Same: 12}) {
		t.Errorf("%+v: %v", r.Sources, found)
	}
	logs := copied(t, m.logs)
	flip(t, filepath.Join(logs, name(1)), 40)
	if err := os.Remove(filepath.Join(logs, name(2))); err != nil {
		t.Fatal(err)
	}
	if r, found := verify(t, statement, "", logs); r.OK() || *r.Sources != (Compared{Same: 8, Changed: 2, Missing: 2}) {
		t.Errorf("%+v: %v", r.Sources, found)
	}
}

func flip(t testing.TB, path string, at int) {
	t.Helper()
	b := must(os.ReadFile(path))
	b[at] ^= 1
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestDamage flips bytes of every file of a statement, cuts files, removes them and adds some:
// nothing is valid.
func TestDamage(t *testing.T) {
	m := newMade(t)
	statement := m.write(t)
	key, _ := keys()
	public := key.Public()
	valid := func() bool {
		r, err := Verify(t.Context(), statement, VerifyOptions{Key: &public})
		return err == nil && r.OK()
	}
	if !valid() {
		t.Fatal("the statement is not valid")
	}
	flips := 0
	for file, text := range tree(t, statement) {
		path := filepath.Join(statement, file)
		bad := func(what string, b []byte) {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if valid() {
				t.Errorf("%s: %s, and it is valid", file, what)
			}
		}
		for i := 0; i < len(text); i += 1 + len(text)/60 {
			b := []byte(text)
			b[i] ^= byte(1 << (i % 8))
			bad(fmt.Sprintf("byte %d is another", i), b)
			flips++
		}
		bad("it is cut", []byte(text[:len(text)-1]))
		bad("it is empty", nil)
		bad("it is longer", []byte(text+"\n"))
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if valid() {
			t.Errorf("%s is gone, and it is valid", file)
		}
		put(t, statement, map[string]string{file: text})
	}
	if flips < 300 || !valid() {
		t.Errorf("%d bytes were changed", flips)
	}
	put(t, statement, map[string]string{"audit/extra.jsonl": ""})
	if valid() {
		t.Error("there is an extra file, and it is valid")
	}
}

// TestForged has a signer who signs what cannot be: it is refused, and nothing outside of the
// folders is read.
func TestForged(t *testing.T) {
	m := newMade(t)
	statement := m.write(t)
	key, _ := keys()
	was := tree(t, statement)
	line := func(file string, n int) string { return strings.Split(was[file], "\n")[n] }
	audit := ""
	for f := range was {
		if strings.HasPrefix(f, "audit/") && strings.Count(was[f], "\n") == 3 {
			audit = f
		}
	}
	data := line(FilesName, slices.IndexFunc(strings.Split(was[FilesName], "\n"), func(l string) bool { return strings.HasPrefix(l, "data,") }))
	dataPath := strings.Split(data, ",")[1]
	for _, c := range []struct{ what, file, old, new, want string }{
		{"a path leads out", FilesName, dataPath, "../../../etc/passwd", "is no path in a lake"},
		{"a path is absolute", FilesName, dataPath, "/etc/passwd", "is no path in a lake"},
		{"a path has a backslash", FilesName, dataPath, `eds\x`, "is no path in a lake"},
		{"a path is odd", FilesName, dataPath, "eds//x", "is no path in a lake"},
		{"a file is listed twice", FilesName, data, data + "\n" + data, "is listed twice"},
		{"a file is left out", FilesName, data + "\n", "", "verify.json says"},
		{"a size is huge", FilesName, "lake,lake.json,", "lake,lake.json,9", "verify.json says"},
		{"a size is no number", FilesName, "lake,lake.json,", "lake,lake.json,-", "is no number"},
		{"a size is too large a number", FilesName, "lake,lake.json,", "lake,lake.json,99999999999999999999", "is no number"},
		{"a hash is none", FilesName, data, data[:strings.LastIndex(data, ",")-1] + "g,1", "sha256"},
		{"a hash is another", FilesName, data, strings.Replace(data, strings.Split(data, ",")[3], strings.Repeat("0", 64), 1), "which the commits do not leave like that"},
		{"a file has another kind", FilesName, data, "ledger" + data[4:], "data files"},
		{"columns are missing", FilesName, "kind,path", "path,kind", "want the columns"},
		{"a quote stays open", FilesName, data, `"` + data, "it is no table"},
		{"an object is listed twice", ObjectsName, line(ObjectsName, 1), line(ObjectsName, 1) + "\n" + line(ObjectsName, 1), "verify.json says"},
		{"an object is of no store", ObjectsName, "\nevents,", "\nnobody,", "does not list"},
		{"an object has an odd hash", ObjectsName, strings.Split(line(ObjectsName, 1), ",")[7], "00", "sha256"},
		{"a row is endless", ObjectsName, line(ObjectsName, 1), `events,"` + strings.Repeat("x\n", maxRow), "a row has more than"},
		{"a commit is left out", audit, line(audit, 1) + "\n", "", "says that it is number 2"},
		{"the last commit is left out", audit, line(audit, 2) + "\n", "", "the last commit record"},
		{"a commit was changed", audit, `"operation":"ingest"`, `"operation":"ingesT"`, "names"},
		{"a commit has no end", audit, line(audit, 2) + "\n", line(audit, 2), "unexpected EOF"},
		{"a commit is none", audit, line(audit, 1), "[]", "cannot unmarshal"},
		{"audit leads out", StatementName, `"audit": "` + audit, `"audit": "../` + audit, "as the commit records"},
		{"a store is listed twice", StatementName, `"name": "other"`, `"name": "events"`, "twice"},
		{"another form", StatementName, Schema, "traillake.evidence/9", "this version reads"},
		{"a count is another", StatementName, `"objects": 6`, `"objects": 7`, "verify.json says"},
		{"it is no JSON", StatementName, "{", "[", "it is no statement"},
	} {
		t.Run(c.what, func(t *testing.T) {
			forged := filepath.Join(t.TempDir(), "forged")
			text := strings.Replace(was[c.file], c.old, c.new, 1)
			if text == was[c.file] {
				t.Fatal("nothing is changed")
			}
			for f, b := range was {
				if f == sealed.ManifestName || f == sealed.SignatureName || f == sealed.PublicKeyName {
					continue
				}
				if f == c.file {
					b = text
				}
				put(t, forged, map[string]string{f: b})
			}
			if err := sealed.Seal(forged, key, func(files []sealed.File) any { return manifest{ManifestSchema, "x", "y", files} }); err != nil {
				t.Fatal(err)
			}
			r, _ := verify(t, forged, m.root, m.logs)
			if r.OK() || r.Lake != nil || r.Sources != nil || len(r.Folder.Problems) != 1 || !strings.Contains(r.Folder.Problems[0].What, c.want) {
				t.Errorf("found %+v, want %q", r.Folder.Problems, c.want)
			}
		})
	}
}

// TestProblems wants a statement on a damaged lake to say so, whoever reads it.
func TestProblems(t *testing.T) {
	m := newMade(t)
	key, _ := keys()
	for f := range tree(t, m.root) {
		if strings.HasSuffix(f, ".parquet") {
			flip(t, filepath.Join(m.root, f), 100)
			break
		}
	}
	to := filepath.Join(t.TempDir(), "statement")
	st, report, err := Write(t.Context(), m.lake, to, Options{Key: key, Check: lake.CheckOptions{Deep: true}})
	if err != nil || len(report.Problems) == 0 || len(st.Problems) != len(report.Problems) {
		t.Fatalf("%v, %v", report, err)
	}
	if r, _ := verify(t, to, "", ""); r.OK() || len(r.Folder.Problems) != 0 || len(r.Statement.Problems) != len(st.Problems) {
		t.Errorf("%+v", r)
	}
}

// TestWriteRefuses wants nothing to be left where there is something else, or no statement can
// be made.
func TestWriteRefuses(t *testing.T) {
	m := newMade(t)
	key, _ := keys()
	to := filepath.Join(t.TempDir(), "x")
	put(t, to, map[string]string{"notes": ""})
	if _, _, err := Write(t.Context(), m.lake, to, Options{Key: key}); err == nil {
		t.Error("it is written over")
	}
	// A commit record that is gone breaks the chain.
	_ = filepath.WalkDir(m.root, func(path string, _ fs.DirEntry, err error) error {
		if strings.Contains(path, "/audit/000000000001-") {
			err = os.Remove(path)
		}
		return err
	})
	l, err := lake.Open(t.Context(), m.root, lake.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	above := t.TempDir()
	if _, _, err := Write(t.Context(), l, filepath.Join(above, "y"), Options{Key: key}); err == nil {
		t.Error("a statement is made without a commit record")
	}
	if left := must(os.ReadDir(above)); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}
