package evidence

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"traillake/lake"
)

// maxRecord bounds a commit record, in bytes: 250 for each file that a commit adds.
const maxRecord = 256 << 20

// chain checks the commit records of a store: that each has the hash of the one before, that
// the last is the one that the statement names, and that the data files are those that they
// add and do not remove.
func (v *verifier) chain(s Store, files map[string]lake.StoredFile) error {
	f, err := v.open(s.Audit)
	if err != nil {
		return err
	}
	defer f.Close()
	live, n, err := readChain(f, s)
	if err != nil {
		return err
	}
	if int64(len(live)) != s.DataFiles {
		return fmt.Errorf("the commits leave %d data files, %s says %d", len(live), StatementName, s.DataFiles)
	}
	v.result.Commits += n
	dir := strings.TrimSuffix(s.Heads.Commit.Path, "/"+commitFile(s.Heads.Commit.Path)) + "/"
	for _, f := range files {
		if f.Kind != lake.KindData || !strings.HasPrefix(f.Path, dir) {
			continue
		}
		r, ok := live[strings.TrimPrefix(f.Path, dir)]
		if !ok || r.SHA256 != f.SHA256 || r.Size != f.Size || r.Rows != f.Rows {
			return fmt.Errorf("%s lists %s, which the commits do not leave like that", FilesName, f.Path)
		}
		delete(live, strings.TrimPrefix(f.Path, dir))
	}
	for name := range live {
		return fmt.Errorf("the commits leave %s, which %s does not list", name, FilesName)
	}
	return nil
}

// commitFile returns the end of a commit record's path, below the store's folder.
func commitFile(path string) string {
	parts := strings.Split(path, "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

// readChain returns the data files that the commits leave, by name in the store.
func readChain(r io.Reader, s Store) (live map[string]lake.FileRecord, n int64, err error) {
	in := bufio.NewReaderSize(r, 1<<16)
	live = make(map[string]lake.FileRecord)
	var last string
	for {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) && len(line) == 0 {
			break
		}
		if err != nil {
			return nil, 0, fmt.Errorf("commit record %d: %w", n, err)
		}
		var c lake.CommitRecord
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, 0, fmt.Errorf("commit record %d: %w", n, err)
		}
		_, prev, _ := strings.Cut(c.Prev, "#")
		switch {
		case c.Store != s.ID:
			return nil, 0, fmt.Errorf("commit record %d is of store %q", n, c.Store)
		case c.Seq != n:
			return nil, 0, fmt.Errorf("commit record %d says that it is number %d", n, c.Seq)
		case prev != last:
			return nil, 0, fmt.Errorf("commit record %d names %q as the hash of the one before, which is %q", n, prev, last)
		}
		for _, f := range c.Added {
			if _, ok := live[f.Path]; ok {
				return nil, 0, fmt.Errorf("commit record %d adds %s again", n, f.Path)
			}
			live[f.Path] = f
		}
		for _, f := range c.Removed {
			if _, ok := live[f.Path]; !ok {
				return nil, 0, fmt.Errorf("commit record %d removes %s, which is not there", n, f.Path)
			}
			delete(live, f.Path)
		}
		sum := sha256.Sum256(line)
		last = hex.EncodeToString(sum[:])
		n++
	}
	if n != s.Commit+1 || last != s.Heads.Commit.SHA256 {
		return nil, 0, fmt.Errorf("the last commit record is number %d with sha256 %s, %s says %d with %s", n-1, last, StatementName, s.Commit, s.Heads.Commit.SHA256)
	}
	return live, n, nil
}

// readLine reads a line with its end. What has no end is no record.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case errors.Is(err, io.EOF) && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, err
		case len(line) > maxRecord:
			return nil, fmt.Errorf("it has more than %d MB", maxRecord>>20)
		}
	}
}
