package evidence

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"traillake/internal/sealed"
	"traillake/internal/sign"
	"traillake/lake"
	"traillake/lake/source"
)

// VerifyOptions say what there is to compare with.
type VerifyOptions struct {
	// Key must have signed the folder; nil takes the key in it, which says nothing of who
	// that is.
	Key *sign.PublicKey
	// Lake is a copy of the lake; nil where there is none.
	Lake lake.Storage
	// Sources are the source objects, or copies of them; nil where there are none.
	Sources source.Source
	// Workers is how many files are read at once; 0 means one for each processor.
	Workers int
	// Found is called with each file that was looked at, from one goroutine at a time, in no
	// set order.
	Found func(Finding)
}

// Result is what Verify found.
type Result struct {
	// Statement is what the folder says; nil where that cannot be read.
	Statement *Statement `json:"statement,omitempty"`
	// Folder is whether the folder itself is as it was signed. Where it is not, nothing else
	// is looked at.
	Folder *sealed.Check `json:"folder"`
	// Commits is the number of commit records, whose chain is unbroken.
	Commits int64 `json:"commits"`
	// Lake and Sources are nil where nothing was compared.
	Lake    *Compared `json:"lake,omitempty"`
	Sources *Compared `json:"sources,omitempty"`
}

// OK reports whether nothing is wrong, by the statement either. What is not listed is not wrong: a lake grows, and so
// do logs.
func (r *Result) OK() bool {
	return len(r.Folder.Problems) == 0 && r.Statement != nil && len(r.Statement.Problems) == 0 && r.Lake.ok() && r.Sources.ok()
}

// Compared counts files.
type Compared struct {
	// Same are as they were, Changed are not, Missing are not there.
	Same    int64 `json:"same"`
	Changed int64 `json:"changed"`
	Missing int64 `json:"missing"`
	// NotListed are there, and the statement does not know them.
	NotListed int64 `json:"notListed"`
	// Unknown are listed without a hash, since they could not be read to their end when they
	// were ingested.
	Unknown int64 `json:"unknown"`
	// Streams came through standard input: no file has their names.
	Streams int64 `json:"streams"`
}

func (c *Compared) ok() bool { return c == nil || c.Changed+c.Missing == 0 }

// Outcome is what became of a file.
type Outcome string

// The outcomes.
const (
	Same      Outcome = "same"
	Changed   Outcome = "changed"
	Missing   Outcome = "missing"
	NotListed Outcome = "not listed"
	Unknown   Outcome = "unknown"
	Stream    Outcome = "came through standard input"
)

// Where says where a file was looked for.
type Where string

// The places.
const (
	InLake    Where = "lake"
	InSources Where = "sources"
)

// Finding is a file that was looked at.
type Finding struct {
	Where   Where   `json:"where"`
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
	// Detail says more, for people; often empty.
	Detail string `json:"detail,omitempty"`
}

// Verify checks a folder that Write left, and what it is to be compared with. What is wrong is
// in the result, and is told to Found; the error is about reading.
func Verify(ctx context.Context, dir string, o VerifyOptions) (*Result, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	m := &manifest{}
	check, ok, err := sealed.Verify(dir, o.Key, ManifestSchema, m, auditDir)
	if err != nil {
		return nil, fmt.Errorf("verify statement %s: %w", dir, err)
	}
	v := &verifier{dir: dir, o: o, result: &Result{Folder: check}}
	if !ok || len(check.Problems) > 0 {
		return v.result, nil
	}
	if err := v.run(ctx, m); err != nil {
		return nil, fmt.Errorf("verify statement %s: %w", dir, err)
	}
	return v.result, nil
}

// verifier checks one folder. It is as it was signed; but who signed it may be anybody.
type verifier struct {
	dir    string
	o      VerifyOptions
	result *Result

	mu sync.Mutex // guards calls of Found and the counts
}

// say adds a problem of the folder.
func (v *verifier) say(file string, err error) {
	v.result.Folder.Problems = append(v.result.Folder.Problems, sealed.Problem{File: file, What: err.Error()})
}

func (v *verifier) found(c *Compared, where Where, name string, out Outcome, detail string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch out {
	case Same:
		c.Same++
	case Changed:
		c.Changed++
	case Missing:
		c.Missing++
	case NotListed:
		c.NotListed++
	case Unknown:
		c.Unknown++
	case Stream:
		c.Streams++
	}
	if v.o.Found != nil {
		v.o.Found(Finding{where, name, out, detail})
	}
}

func (v *verifier) run(ctx context.Context, m *manifest) error {
	listed := make(map[string]bool)
	for _, f := range m.Files {
		listed[f.Name] = true
	}
	for _, name := range []string{StatementName, FilesName, ObjectsName} {
		if !listed[name] {
			v.say(name, fmt.Errorf("missing"))
			return nil
		}
	}
	st, err := v.statement()
	if err != nil {
		v.say(StatementName, err)
		return nil
	}
	v.result.Statement = st
	files, err := v.files(st)
	if err != nil {
		v.say(FilesName, err)
		return nil
	}
	if err := v.objects(st); err != nil {
		v.say(ObjectsName, err)
		return nil
	}
	for _, s := range st.Stores {
		if !listed[s.Audit] {
			v.say(s.Audit, fmt.Errorf("missing"))
		} else if err := v.chain(s, files); err != nil {
			v.say(s.Audit, err)
		}
	}
	if len(v.result.Folder.Problems) > 0 {
		return nil
	}
	if v.o.Lake != nil {
		if err := v.compareLake(ctx, st, files); err != nil {
			return fmt.Errorf("compare lake: %w", err)
		}
	}
	if v.o.Sources != nil {
		if err := v.compareSources(ctx); err != nil {
			return fmt.Errorf("compare sources: %w", err)
		}
	}
	return nil
}

// maxStatement bounds verify.json, which lists problems and stores.
const maxStatement = 256 << 20

func (v *verifier) statement() (*Statement, error) {
	f, err := os.Open(filepath.Join(v.dir, StatementName))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxStatement+1))
	if err != nil {
		return nil, err
	}
	return parseStatement(text)
}

func parseStatement(text []byte) (*Statement, error) {
	if len(text) > maxStatement {
		return nil, fmt.Errorf("it has more than %d MB", maxStatement>>20)
	}
	st := &Statement{}
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(st); err != nil {
		return nil, fmt.Errorf("it is no statement: %w", err)
	}
	if st.Schema != Schema {
		return nil, fmt.Errorf("it is of the form %q, and this version reads %s", st.Schema, Schema)
	}
	seen := make(map[string]bool)
	for _, s := range st.Stores {
		if s.Audit != auditName(s.ID) || !filepath.IsLocal(s.Audit) {
			return nil, fmt.Errorf("it names %q as the commit records of store %q", s.Audit, s.ID)
		}
		for _, name := range []string{"id " + s.ID, "name " + s.Name} {
			if seen[name] {
				return nil, fmt.Errorf("it lists a store with %s twice", name)
			}
			seen[name] = true
		}
	}
	return st, nil
}

// open opens a file of the folder.
func (v *verifier) open(name string) (*os.File, error) {
	return os.Open(filepath.Join(v.dir, filepath.FromSlash(name)))
}

// files reads files.csv, by path.
func (v *verifier) files(st *Statement) (map[string]lake.StoredFile, error) {
	f, err := v.open(FilesName)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	files := make(map[string]lake.StoredFile)
	var size, data, wanted int64
	if err := readFiles(f, func(f lake.StoredFile) error {
		if f.Kind == lake.KindData {
			data++
		}
		files[f.Path] = f
		size += f.Size
		return nil
	}); err != nil {
		return nil, err
	}
	if int64(len(files)) != st.Files || size != st.Bytes {
		return nil, fmt.Errorf("it lists %d files of %d bytes, %s says %d of %d", len(files), size, StatementName, st.Files, st.Bytes)
	}
	for _, s := range st.Stores {
		wanted += s.DataFiles
		if m := s.Heads.Metadata; files[m.Path].SHA256 != m.SHA256 {
			return nil, fmt.Errorf("it does not list %s as %s does", m.Path, StatementName)
		}
	}
	if data != wanted {
		return nil, fmt.Errorf("it lists %d data files, %s says %d", data, StatementName, wanted)
	}
	return files, nil
}

// objects reads objects.csv and counts.
func (v *verifier) objects(st *Statement) error {
	f, err := v.open(ObjectsName)
	if err != nil {
		return err
	}
	defer f.Close()
	counts := make(map[string]int64)
	for _, s := range st.Stores {
		counts[s.Name] = 0
	}
	if err := readObjects(f, func(o object) error {
		if _, ok := counts[o.store]; !ok {
			return fmt.Errorf("object %s is of store %q, which %s does not list", o, o.store, StatementName)
		}
		counts[o.store]++
		return nil
	}); err != nil {
		return err
	}
	var all int64
	for _, s := range st.Stores {
		if counts[s.Name] != s.Objects {
			return fmt.Errorf("it lists %d objects of store %s, %s says %d", counts[s.Name], s.Name, StatementName, s.Objects)
		}
		all += s.Objects
	}
	if all != st.Objects {
		return fmt.Errorf("it lists %d objects, %s says %d", all, StatementName, st.Objects)
	}
	return nil
}
