// Package dir reads log objects from folders and single files.
//
// In a folder, files whose names do not end like a log's are left out, and so are
// files beside a folder AWSLogs, files below it that are no CloudTrail logs, what is hidden,
// and what belongs to a lake. A file that is named itself is always taken. Links to files are
// followed, links to folders are not. A name that is no UTF-8 is an error: no table could hold it.
package dir

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"traillake/lake/source"
)

// Source is a folder or a file. Use Open to make one.
type Source struct {
	root   string
	single bool
}

var _ source.Source = (*Source)(nil)

// Open returns the source at path. The path is made absolute and its links are
// resolved, so that one file has one key however it is named. It returns an error
// wrapping fs.ErrNotExist if nothing is there.
func Open(path string) (*Source, error) {
	if path == "" { // a variable without a value; Abs would make the working folder of it
		return nil, errors.New("open source: the name is empty; give . for the folder that you are in")
	}
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open source %s: neither a folder nor a file; give - to read standard input", path)
	}
	var root string
	if err == nil {
		root, err = filepath.Abs(path)
	}
	if err == nil {
		root, err = filepath.EvalSymlinks(root)
	}
	if err != nil {
		return nil, fmt.Errorf("open source %s: %w", path, cause(err))
	}
	return &Source{root: root, single: !info.IsDir()}, nil
}

// cause drops the path that os errors repeat.
func cause(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// List implements source.Source, in lexical order.
func (s *Source) List(ctx context.Context) iter.Seq2[source.Object, error] {
	return func(yield func(source.Object, error) bool) {
		if !utf8.ValidString(s.root) {
			yield(source.Object{Key: strconv.Quote(s.root)}, badName(s.root))
			return
		}
		if s.single {
			place, err := source.Classify(filepath.ToSlash(s.root))
			if place.Kind == source.Unknown || err == nil {
				yield(object(s.root, place))
			} else {
				yield(source.Object{Key: s.root}, err)
			}
			return
		}
		beside := make(map[string]bool) // folders that hold a folder AWSLogs
		lakes := make(map[string]bool)
		err := filepath.WalkDir(s.root, func(path string, e fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				if !yield(source.Object{Key: path}, fmt.Errorf("list %s: %w", path, cause(err))) {
					return fs.SkipAll
				}
				return nil
			}
			if !utf8.ValidString(e.Name()) {
				if !yield(source.Object{Key: strconv.Quote(path)}, badName(path)) {
					return fs.SkipAll
				}
				if e.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			reason := ""
			switch {
			case path == s.root:
			case lakes[filepath.Dir(path)] && slices.Contains(lakeNames, e.Name()):
				reason = "a part of a lake"
			case e.IsDir() && strings.HasPrefix(e.Name(), "."):
				reason = "a hidden folder"
			}
			if reason != "" {
				if !yield(source.Object{Key: path}, &source.LeftOut{Key: path, Reason: reason, Folder: e.IsDir()}) {
					return fs.SkipAll
				}
				if e.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			if e.IsDir() {
				if isLake(path) {
					lakes[path] = true
				}
				logs, err := os.Stat(filepath.Join(path, "AWSLogs"))
				beside[path] = err == nil && logs.IsDir()
				return nil
			}
			o, err := s.classify(path, e, beside[filepath.Dir(path)])
			if !yield(o, err) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(source.Object{Key: s.root}, err)
		}
	}
}

func badName(path string) error {
	return fmt.Errorf("list %q: its name is no valid UTF-8, so that no table can hold it: rename it", path)
}

// lakeNames are the files and folders of a lake, as lake/FORMAT.md lists them. Logs may lie
// beside them, in a folder that was made a lake of by mistake.
var lakeNames = []string{lakeFile, "eds", "names", "schedules"}

const (
	lakeFile = "lake.json"
	// maxLakeFile bounds one: a lake's has some hundred bytes, and a log may have its name.
	maxLakeFile = 1 << 20
)

// isLake reports whether a folder holds a lake, whose files look like logs by their names, and
// of which every ingest makes more.
func isLake(dir string) bool {
	text, err := readRegular(filepath.Join(dir, lakeFile), maxLakeFile)
	if err != nil || len(text) > maxLakeFile {
		return false
	}
	var lake struct{ Format string }
	return json.Unmarshal(text, &lake) == nil && lake.Format == "traillake"
}

// readRegular reads a file, or what a link leads to; of one that has more than so many bytes one
// more, by which it can be told. It refuses what is none: to open a named pipe takes until
// somebody writes to it.
func readRegular(path string, most int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is no regular file")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var text bytes.Buffer
	text.Grow(int(min(info.Size(), most)) + bytes.MinRead) // which ReadFrom wants to be free at the end
	_, err = text.ReadFrom(io.LimitReader(f, most+1))
	return text.Bytes(), err
}

func (s *Source) classify(path string, e fs.DirEntry, beside bool) (source.Object, error) {
	leftOut := func(reason string) (source.Object, error) {
		return source.Object{Key: path}, &source.LeftOut{Key: path, Reason: reason}
	}
	name := e.Name()
	switch {
	case strings.HasPrefix(name, "."):
		return leftOut("a hidden file")
	case e.Type()&fs.ModeSymlink != 0 && isFolder(path):
		return leftOut("a link to a folder, which is not followed")
	case beside:
		return leftOut("beside the folder AWSLogs, not in it")
	}
	place, err := source.Classify(filepath.ToSlash(path))
	if err != nil {
		return source.Object{Key: path}, err
	}
	if !source.HasLogSuffix(name) {
		return leftOut(source.NoLogSuffix)
	}
	return object(path, place)
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func object(path string, place source.Place) (source.Object, error) {
	o := source.Object{Key: path, Place: place}
	info, err := os.Stat(path)
	if err != nil {
		return o, fmt.Errorf("list %s: %w", path, cause(err))
	}
	if !info.Mode().IsRegular() {
		return o, &source.LeftOut{Key: path, Reason: "not a regular file"}
	}
	o.Size, o.ModTime = info.Size(), info.ModTime()
	return o, nil
}

// Open implements source.Source. The reader fails at its end with source.ErrChanged
// if the file is not what it was when it was listed.
func (s *Source) Open(_ context.Context, o source.Object) (io.ReadCloser, error) {
	f, err := os.Open(o.Key)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Key, cause(err))
	}
	return &file{f: f, object: o}, nil
}

// file reads exactly what was listed.
type file struct {
	f      *os.File
	object source.Object
	read   int64
}

func (f *file) Read(p []byte) (int, error) {
	n, err := f.f.Read(p)
	f.read += int64(n)
	if f.read > f.object.Size {
		return 0, f.changed()
	}
	if err == io.EOF {
		info, statErr := f.f.Stat()
		if statErr != nil || info.Size() != f.read || f.read != f.object.Size || !info.ModTime().Equal(f.object.ModTime) {
			return n, f.changed()
		}
	} else if err != nil {
		err = fmt.Errorf("read %s: %w", f.object.Key, cause(err))
	}
	return n, err
}

func (f *file) changed() error { return fmt.Errorf("read %s: %w", f.object.Key, source.ErrChanged) }

func (f *file) Close() error { return f.f.Close() }
