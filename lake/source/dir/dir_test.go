package dir

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"traillake/lake/digest"
	"traillake/lake/source"
	"traillake/lake/source/sourcetest"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestFolder(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const trail = "/in/AWSLogs/111111111111/"
	want := make(map[string]string)
	for _, path := range []string{
		trail + "CloudTrail/us-east-1/2023/07/10/a.json.gz",
		trail + "CloudTrail-Insight/us-east-1/2023/07/10/b.json.gz",
		"/loose/c.json", "/loose/d.jsonl", "/loose/e.GZ", "/loose/f.ndjson",
	} {
		want[write(t, root+path, path)] = path
	}
	for _, path := range []string{
		trail + "CloudTrail-Digest/us-east-1/2023/07/10/x.json.gz", trail + "Config/us-east-1/2023/7/1/x.json.gz",
		"/in/truth.json", "/in/AWSLogs/README.md", "/loose/README.md", "/loose/.x.json", "/.hidden/x.json",
	} {
		write(t, root+path, path)
	}
	if err := os.Symlink(root+"/loose/c.json", root+"/loose/link.json"); err != nil {
		t.Fatal(err)
	}
	want[root+"/loose/link.json"] = "/loose/c.json"
	src, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	sourcetest.Run(t, src, want)
}

func TestSingleFile(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "anything"), "x")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, link} {
		src, err := Open(p)
		if err != nil {
			t.Fatal(err)
		}
		real, err := filepath.EvalSymlinks(path)
		if err != nil {
			t.Fatal(err)
		}
		sourcetest.Run(t, src, map[string]string{real: "x"})
	}
}

func TestOpenMissing(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if s, err := Open(""); err == nil {
		t.Errorf("no name at all is %s", s.root)
	}
}

// A file that is not what was listed is an error at the end of reading, not rows.
func TestChangedFile(t *testing.T) {
	for name, change := range map[string]func(path string) error{
		"grown": func(path string) error { return os.WriteFile(path, []byte("longer than before"), 0o600) },
		"cut":   func(path string) error { return os.Truncate(path, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, filepath.Join(t.TempDir(), "a.json"), "0123456789")
			src, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			for o, err := range src.List(t.Context()) {
				if err != nil {
					t.Fatal(err)
				}
				if err := change(o.Key); err != nil {
					t.Fatal(err)
				}
				r, err := src.Open(t.Context(), o)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadAll(r); !errors.Is(err, source.ErrChanged) {
					t.Errorf("got %v", err)
				}
				r.Close()
			}
		})
	}
}

// TestLeftOut wants everything that is not read to be told with its reason: what is hidden, links
// to folders, and of a folder that was made a lake of only the lake.
func TestLeftOut(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	write(t, root+"/lake.json", `{"format":"traillake","layout":1}`)
	for _, path := range []string{"/names/events.json", "/eds/1/metadata/v1.metadata.json", "/schedules/a.json", "/.old/a.json", "/.b.json"} {
		write(t, root+path, "x")
	}
	write(t, root+"/log.json", "x")
	write(t, root+"/c/names/log.json", "x")
	if err := os.Symlink(t.TempDir(), root+"/link"); err != nil {
		t.Fatal(err)
	}
	src, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	var keys, left []string
	for o, err := range src.List(t.Context()) {
		var out *source.LeftOut
		if errors.As(err, &out) {
			left = append(left, strings.TrimPrefix(out.Key, root)+": "+out.Reason)
		} else if err != nil {
			t.Error(err)
		} else {
			keys = append(keys, strings.TrimPrefix(o.Key, root))
		}
	}
	if !slices.Equal(keys, []string{"/c/names/log.json", "/log.json"}) {
		t.Errorf("keys %q", keys)
	}
	if !slices.Equal(left, []string{"/.b.json: a hidden file", "/.old: a hidden folder", "/eds: a part of a lake", "/lake.json: a part of a lake",
		"/link: a link to a folder, which is not followed", "/names: a part of a lake", "/schedules: a part of a lake"}) {
		t.Errorf("left out %q", left)
	}
}

// TestOddNames leaves a lake out, and refuses names that are no UTF-8 without losing the files
// beside them.
func TestOddNames(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	good := write(t, root+"/b.json", "x")
	write(t, root+"/lake/lake.json", `{"format":"traillake","layout":1}`)
	write(t, root+"/lake/names/events.json", "x")
	other := write(t, root+"/other/lake.json", `{"Records":[]}`)
	if err := os.WriteFile(root+"/caf\xe9.json", []byte("x"), 0o600); err != nil {
		t.Logf("the file system takes no such name: %v", err)
		return
	}
	write(t, root+"/fol\xffder/x.json", "x")
	src, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	var keys, left, refused []string
	for o, err := range src.List(t.Context()) {
		var out *source.LeftOut
		switch {
		case err == nil:
			keys = append(keys, o.Key)
		case errors.As(err, &out):
			left = append(left, out.Key+": "+out.Reason)
		default:
			refused = append(refused, err.Error())
		}
	}
	if !slices.Equal(keys, []string{good, other}) || !slices.Equal(left, []string{root + "/lake/lake.json: a part of a lake", root + "/lake/names: a part of a lake"}) {
		t.Errorf("keys %q, left out %q", keys, left)
	}
	if len(refused) != 2 || !strings.Contains(refused[0], `caf\xe9.json": its name is no valid UTF-8`) || !strings.Contains(refused[1], `fol\xffder"`) {
		t.Errorf("refused %q", refused)
	}
	if src, err = Open(root + "/caf\xe9.json"); err != nil {
		t.Fatal(err)
	}
	for _, err := range src.List(t.Context()) {
		if err == nil || !strings.Contains(err.Error(), "rename it") {
			t.Errorf("named itself: %v", err)
		}
	}
}

// TestListDigests wants digests to be found below a prefix of any name, and not to be looked for
// among the logs of an account.
func TestListDigests(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const name = "111111111111_CloudTrail-Digest_us-east-1_trail_us-east-1_20260101T010000Z.json.gz"
	const account = "/AWSLogs/111111111111/"
	want := []string{
		write(t, root+"/CloudTrail"+account+"CloudTrail-Digest/us-east-1/2026/01/01/"+name, "x"),
		write(t, root+"/a"+account+"CloudTrail-Digest/us-east-1/2026/01/01/"+name, "x"),
	}
	write(t, root+"/a"+account+"CloudTrail/us-east-1/2026/01/01/"+name, "x")
	src, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for o, err := range src.ListDigests(t.Context(), time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, o.Key)
	}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}

// TestReadLongDigest wants junk in the place of a digest, or of what lies beside one, to be read as
// on S3: it is there, and not what CloudTrail made, and no more of it is held than tells that.
func TestReadLongDigest(t *testing.T) {
	root := t.TempDir()
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	long := write(t, filepath.Join(root, "long"), "")
	if err := os.Truncate(long, digest.MaxBytes+2); err != nil {
		t.Fatal(err)
	}
	stored, _, err := s.ReadDigest(t.Context(), source.Object{Key: long})
	if err != nil || len(stored) != digest.MaxBytes+1 {
		t.Fatalf("%d bytes, %v", len(stored), err)
	}
	if d := digest.Open(digest.Ref{Key: long}, stored, nil); d.Invalid == nil || d.Invalid.Reason != digest.InvalidFormat {
		t.Errorf("as a digest: %v", d.Invalid)
	}
	beside := write(t, filepath.Join(root, "beside long"), "digest")
	if err := os.Truncate(write(t, beside+digest.SidecarSuffix, ""), maxSidecar+2); err != nil {
		t.Fatal(err)
	}
	stored, metadata, err := s.ReadDigest(t.Context(), source.Object{Key: beside})
	var invalid *digest.Invalid
	if string(stored) != "digest" || metadata != nil || !errors.As(err, &invalid) {
		t.Errorf("%q, %v, %v", stored, metadata, err)
	}
}

// TestStat wants what is no regular file not to be there, and only what List looks at to be below.
func TestStat(t *testing.T) {
	root := t.TempDir()
	file := filepath.Join(root, "a.json")
	if err := os.WriteFile(file, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	if o, err := s.Stat(t.Context(), source.Object{Key: file}); err != nil || o.Size != 2 {
		t.Errorf("%+v, %v", o, err)
	}
	for _, path := range []string{filepath.Join(root, "b.json"), root, filepath.Join(file, "c.json")} {
		if _, err := s.Stat(t.Context(), source.Object{Key: path}); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	for key, want := range map[string]bool{file: true, filepath.Join(root, "b", "c"): true, root + "b": false, filepath.Dir(root): false} {
		if got := s.Below(source.Object{Key: key}); got != want {
			t.Errorf("%s is below %s: %v", key, root, got)
		}
	}
	if s.Below(source.Object{Bucket: "b", Key: file}) {
		t.Error("what is in a bucket is below a folder")
	}
}
