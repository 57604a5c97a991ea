package export

import (
	"compress/gzip"
	"context"
	"crypto"
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"traillake/internal/sign"
)

var schema = arrow.NewSchema([]arrow.Field{{Name: "name", Type: arrow.BinaryTypes.String, Nullable: true}, {Name: "n", Type: arrow.PrimitiveTypes.Int64}}, nil)

// rows are batches of two rows each, the second with NULL; then err, if there is one.
type rows struct {
	batches int
	err     error
}

func (r *rows) Schema() *arrow.Schema { return schema }

func (r *rows) Next(context.Context) (arrow.RecordBatch, error) {
	if r.batches--; r.batches < 0 {
		if r.err != nil {
			return nil, r.err
		}
		return nil, io.EOF
	}
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("=a, \"%d\"", r.batches))
	b.Field(0).(*array.StringBuilder).AppendNull()
	b.Field(1).(*array.Int64Builder).AppendValues([]int64{-1, 2}, nil)
	return b.NewRecordBatch(), nil
}

func newKey(t *testing.T) *sign.Key {
	t.Helper()
	k, err := sign.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// readIndependently checks an export by the letter of AWS's page, with nothing of this
// package: what "aws cloudtrail verify-query-results" does.
func readIndependently(t *testing.T, dir string, public []byte) (lines [][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "result_sign.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s map[string]any
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	names := []string{"version", "region", "files", "hashAlgorithm", "signatureAlgorithm", "queryCompleteTime", "hashSignature", "publicKeyFingerprint"}
	for _, name := range names {
		if _, ok := s[name]; !ok {
			t.Errorf("no member %s", name)
		}
	}
	if len(s) != len(names) || s["version"] != "1.0" || s["region"] != "eu-west-1" || s["hashAlgorithm"] != "SHA-256" || s["signatureAlgorithm"] != "SHA256withRSA" || s["queryCompleteTime"] != "2022-05-10T22:06:30Z" {
		t.Errorf("the sign file is %s", text)
	}
	var hashes []string
	for _, f := range s["files"].([]any) {
		f := f.(map[string]any)
		b, err := os.ReadFile(filepath.Join(dir, f["fileName"].(string)))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if f["fileHashValue"] != hex.EncodeToString(sum[:]) {
			t.Errorf("the hash of %s is not right", f["fileName"])
		}
		hashes = append(hashes, f["fileHashValue"].(string))
		z, err := gzip.NewReader(strings.NewReader(string(b)))
		if err != nil {
			t.Fatal(err)
		}
		all, err := csv.NewReader(z).ReadAll()
		if err != nil || !slices.Equal(all[0], []string{"name", "n"}) {
			t.Errorf("%s begins with %v: %v", f["fileName"], all[0], err)
		}
		lines = append(lines, all[1:]...)
	}
	block, _ := pem.Decode(public)
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key := parsed.(*rsa.PublicKey)
	sig, err := hex.DecodeString(s["hashSignature"].(string))
	if err != nil {
		t.Fatal(err)
	}
	signed := sha256.Sum256([]byte(strings.Join(hashes, " ")))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, signed[:], sig); err != nil {
		t.Error(err)
	}
	name := md5.Sum(x509.MarshalPKCS1PublicKey(key))
	if s["publicKeyFingerprint"] != hex.EncodeToString(name[:]) {
		t.Errorf("the fingerprint is %s", s["publicKeyFingerprint"])
	}
	return lines
}

func TestExport(t *testing.T) {
	key := newKey(t)
	o := Options{Key: key, Region: "eu-west-1", Now: func() time.Time { return time.Date(2022, 5, 10, 22, 6, 30, 0, time.UTC) }}
	for _, c := range []struct {
		batches   int
		fileBytes int64
		files     int
	}{{0, 0, 1}, {3, 0, 1}, {3, 1, 4}, {5, 40, 3}} {
		dir := filepath.Join(t.TempDir(), "out")
		o.FileBytes = c.fileBytes
		s, err := Write(t.Context(), &rows{batches: c.batches}, dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Files) != c.files {
			t.Errorf("%d batches of %d bytes: %d files, want %d", c.batches, c.fileBytes, len(s.Files), c.files)
		}
		lines := readIndependently(t, dir, key.Public().PEM())
		if len(lines) != 2*c.batches {
			t.Errorf("%d lines of %d batches", len(lines), c.batches)
		}
		if c.batches > 0 && (lines[0][0] != fmt.Sprintf(`=a, "%d"`, c.batches-1) || lines[0][1] != "-1" || lines[1][0] != "") {
			t.Errorf("lines %v", lines[:2])
		}
		if _, problems, err := Verify(dir, key.Public()); err != nil || len(problems) > 0 {
			t.Errorf("%v %v", problems, err)
		}
	}
}

// TestVerify changes an export in every way.
func TestVerify(t *testing.T) {
	key := newKey(t)
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := Write(t.Context(), &rows{batches: 2}, dir, Options{Key: key, FileBytes: 1}); err != nil {
		t.Fatal(err)
	}
	path := func(name string) string { return filepath.Join(dir, name) }
	read := func(name string) []byte {
		b, err := os.ReadFile(path(name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	check := func(what string, k *sign.Key, change func() error, want Problem) {
		t.Helper()
		before := map[string][]byte{}
		for _, name := range []string{SignName, "result_1.csv.gz", "result_2.csv.gz"} {
			before[name] = read(name)
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		_, problems, err := Verify(dir, k.Public())
		if err != nil || !slices.ContainsFunc(problems, func(p Problem) bool {
			return p.File == want.File && strings.HasPrefix(p.What, want.What)
		}) {
			t.Errorf("%s: %v %v", what, problems, err)
		}
		for name, b := range before {
			if err := os.RemoveAll(path(name)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path(name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	edit := func(name, from, to string) func() error {
		return func() error {
			b := strings.Replace(string(read(name)), from, to, 1)
			return os.WriteFile(path(name), []byte(b), 0o600)
		}
	}
	nothing := func() error { return nil }
	check("another key", newKey(t), nothing, Problem{SignName, "it is signed by another key"})
	check("missing", key, func() error { return os.Remove(path("result_2.csv.gz")) }, Problem{"result_2.csv.gz", "missing"})
	check("changed", key, func() error { return os.WriteFile(path("result_1.csv.gz"), []byte("x"), 0o600) }, Problem{"result_1.csv.gz", "changed"})
	check("not listed", key, edit(SignName, "result_2", "result_9"), Problem{"result_2.csv.gz", "extra"})
	check("a path", key, edit(SignName, "result_2", "../result_2"), Problem{SignName, "it lists"})
	check("signature", key, edit(SignName, `"hashSignature": "`, `"hashSignature": "0`), Problem{SignName, "the signature"})
	check("algorithm", key, edit(SignName, "SHA-256", "MD5"), Problem{SignName, "it is made with"})
	linked := func(name string) func() error {
		return func() error {
			return errors.Join(os.Rename(path(name), dir+".away"), os.Symlink(dir+".away", path(name)))
		}
	}
	check("a link", key, linked("result_1.csv.gz"), Problem{"result_1.csv.gz", "it is no file"})
	check("a link to the sign file", key, linked(SignName), Problem{SignName, "it is no file"})
	check("a folder", key, func() error {
		return errors.Join(os.Rename(path("result_1.csv.gz"), dir+".away"), os.Mkdir(path("result_1.csv.gz"), 0o700))
	}, Problem{"result_1.csv.gz", "it is no file"})
	check("torn", key, func() error { return os.WriteFile(path(SignName), []byte("{"), 0o600) }, Problem{SignName, "it is no sign file"})
	check("empty", key, func() error { return os.WriteFile(path(SignName), []byte("{}"), 0o600) }, Problem{SignName, "it lists no files"})
	check("endless", key, func() error { return os.Truncate(path(SignName), maxSign+1) }, Problem{SignName, "it has more than 64 MB"})
	if _, _, err := Verify(t.TempDir(), key.Public()); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

// intruder makes a file in the folder of an export while that is written.
type intruder struct {
	*rows
	path string
}

func (r intruder) Next(ctx context.Context) (arrow.RecordBatch, error) {
	if err := os.WriteFile(r.path, []byte("mine"), 0o600); err != nil {
		return nil, err
	}
	return r.rows.Next(ctx)
}

// TestWriteLeavesOthers removes what it made when it fails, and nothing else.
func TestWriteLeavesOthers(t *testing.T) {
	key := newKey(t)
	for _, name := range []string{"result_2.csv.gz", SignName} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		_, err := Write(t.Context(), intruder{&rows{batches: 2}, path}, dir, Options{Key: key, FileBytes: 1})
		if !errors.Is(err, os.ErrExist) || errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %v", name, err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 || entries[0].Name() != name {
			t.Errorf("%s: left are %v, %v", name, entries, err)
		}
		if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// TestWriteFails leaves nothing behind.
func TestWriteFails(t *testing.T) {
	key := newKey(t)
	dir := t.TempDir()
	broken := errors.New("broken")
	if _, err := Write(t.Context(), &rows{batches: 3, err: broken}, dir, Options{Key: key, FileBytes: 1}); !errors.Is(err, broken) {
		t.Error(err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left: %v %v", entries, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), &rows{}, dir, Options{Key: key}); err == nil || !strings.Contains(err.Error(), "something in the folder") {
		t.Error(err)
	}
}
