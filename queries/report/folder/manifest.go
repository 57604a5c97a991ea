package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"traillake/queries/report"
)

// ManifestName is the file of the manifest in a folder.
const ManifestName = "manifest.json"

// ManifestSchema is the version of the JSON form of a Manifest. Fields may be added under
// the same number; none is renamed or removed.
const ManifestSchema = "traillake.manifest/1"

// Manifest lists the files of a report's folder.
type Manifest struct {
	// Schema is ManifestSchema.
	Schema string `json:"schema"`
	// Tool, Pack, Period, Store and Snapshot are those of the report.
	Tool     string        `json:"tool,omitempty"`
	Pack     string        `json:"pack"`
	Period   report.Period `json:"period"`
	Store    string        `json:"store"`
	Snapshot int64         `json:"snapshot"`
	// Files are all others, by name.
	Files []File `json:"files"`
}

// File is a file of a report.
type File struct {
	// Name is its path in the folder, with slashes.
	Name string `json:"name"`
	Size int64  `json:"size"`
	// SHA256 is the hash of its content in hex.
	SHA256 string `json:"sha256"`
}

// listFiles returns the files of a folder by name.
func listFiles(dir string) (files []File, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		f, err := hashFile(path)
		f.Name = filepath.ToSlash(rel)
		files = append(files, f)
		return err
	})
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, err
}

func hashFile(path string) (_ File, err error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return File{Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

// jsonText writes JSON for files that people read, too: indented, with a line end.
func jsonText(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return b.Bytes(), nil
}
