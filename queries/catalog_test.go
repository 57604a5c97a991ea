package queries

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCatalog(t *testing.T) {
	all := Catalog().All()
	if len(all) < 137 {
		t.Errorf("%d saved queries, want at least 137", len(all))
	}
	for _, q := range all {
		t.Run(q.Name, func(t *testing.T) {
			if err := Check(q); err != nil {
				t.Error(err)
			}
			if q.Area == "" || q.FalsePositives == "" || q.Next == "" {
				t.Error("no area, or nothing said about false positives or what to do next")
			}
			for _, name := range []string{"since", "until"} {
				if p := q.Param(name); p == nil || p.Type != TypeTimestamp || !p.Optional {
					t.Errorf("no parameter %s: timestamp with a default", name)
				}
			}
			for _, p := range q.Params {
				if p.Doc == "" {
					t.Errorf("nothing said about parameter %s", p.Name)
				}
			}
			if !strings.Contains(q.SQL, storeToken) {
				t.Errorf("the SQL reads no %s", storeToken)
			}
		})
	}
}

func TestLoad(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	set, err := load(fstest.MapFS{
		"iam/good.sql":      file("-- name: good\nSELECT 1"),
		"iam/twice.sql":     file("-- name: twice\nSELECT 1"),
		"net/twice.sql":     file("-- name: twice\nSELECT 2"),
		"iam/misnamed.sql":  file("-- name: other\nSELECT 1"),
		"broken.sql":        file("-- name: broken\nSELECT 'x"),
		"pipe.sql":          {Data: []byte("-- name: pipe\nSELECT 1"), Mode: fs.ModeNamedPipe},
		"README.md":         file("no query"),
		".git/ignored.sql":  file("SELECT"),
		"iam/.#editor.sql":  file("SELECT"),
		"deep/er/still.sql": file("-- name: still\nSELECT 1"),
	}, "")
	var names []string
	for _, q := range set.All() {
		names = append(names, q.Area+"/"+q.Name)
	}
	if got := strings.Join(names, " "); got != "iam/good deep/er/still" {
		t.Errorf("loaded %q", got)
	}
	for _, want := range []string{
		"broken.sql:2: ' is not closed",
		"iam/misnamed.sql:1: query other: the file is called misnamed.sql, not other.sql",
		"net/twice.sql:1: query twice is in iam/twice.sql too",
		"read saved query pipe.sql: pipe.sql is no regular file",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 4 {
		t.Errorf("%d errors, want 4:\n%v", n, err)
	}
}

// TestLoadDoubled lists what is wrong in the same order each time.
func TestLoadDoubled(t *testing.T) {
	folder := fstest.MapFS{}
	var want []string
	for name := 'a'; name <= 'i'; name++ {
		for _, area := range []string{"iam", "net"} {
			folder[fmt.Sprintf("%s/%c.sql", area, name)] = &fstest.MapFile{Data: fmt.Appendf(nil, "-- name: %c\nSELECT 1", name)}
		}
		want = append(want, fmt.Sprintf("net/%c.sql:1: query %c is in iam/%c.sql too", name, name, name))
	}
	if _, err := load(folder, ""); err == nil || err.Error() != strings.Join(want, "\n") {
		t.Errorf("the error is\n%v", err)
	}
}

func TestDirAndMerge(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"root-use.sql":      "-- name: root-use\n-- title: Mine\nSELECT 1",
		"sub/my-own.sql":    "-- name: my-own\nSELECT 1",
		"sub/not-mine.yaml": "pack",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	user, err := Dir(dir)
	if err != nil {
		t.Fatal(err)
	}
	merged := Catalog().Merge(user)
	if got, want := len(merged.All()), len(Catalog().All())+1; got != want {
		t.Errorf("%d queries, want %d", got, want)
	}
	q, err := merged.Get("root-use")
	if err != nil || q.Title != "Mine" || q.Overrides != "identity/root-use.sql" {
		t.Errorf("the user's query does not win: %+v, %v", q, err)
	}
	if q.File != filepath.ToSlash(dir)+"/root-use.sql" {
		t.Errorf("file is %s", q.File)
	}
	if q, err := merged.Get("my-own"); err != nil || q.Area != "sub" || q.Overrides != "" {
		t.Errorf("my-own: %+v, %v", q, err)
	}
	if q, err := Catalog().Get("root-use"); err != nil || q.Title == "Mine" {
		t.Errorf("Merge has changed its operand: %+v, %v", q, err)
	}
	if q, _ := user.Get("root-use"); q.Overrides != "" {
		t.Error("Merge has changed its argument")
	}
	if _, err := Dir(filepath.Join(dir, "absent")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing folder: %v", err)
	}
	if _, err := Dir(filepath.Join(dir, "root-use.sql")); err == nil || !strings.Contains(err.Error(), "is a file") {
		t.Errorf("a file: %v", err)
	}
}

func TestGetUnknown(t *testing.T) {
	for _, tc := range []struct{ name, want string }{
		{"top-caller-by-ip", `saved query not found: "top-caller-by-ip"; did you mean top-callers-by-source-ip?`},
		{"Root-Use", `did you mean root-use?`},
		{"root-use.sql", `did you mean root-use?`},
		{"xyzzy", `saved query not found: "xyzzy"`},
		{"", `saved query not found: ""`},
	} {
		_, err := Catalog().Get(tc.name)
		if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("Get(%q): %v, want %q", tc.name, err, tc.want)
		}
	}
	if _, err := new(Set).Get("x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the empty set: %v", err)
	}
}
