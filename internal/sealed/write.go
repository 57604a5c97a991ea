package sealed

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

	"traillake/internal/sign"
	"traillake/internal/tempdir"
)

// Files of a sealed folder beside those that the manifest lists.
const (
	// ManifestName is the file of the manifest.
	ManifestName = "manifest.json"
	// SignatureName is the file of its signature.
	SignatureName = "manifest.json.sig"
	// PublicKeyName is the file of the key that checks it. The manifest lists it.
	PublicKeyName = "public-key.pem"
)

// ErrExists reports that there is something else where a folder was to be written.
var ErrExists = errors.New("there is another folder or file of that name")

// File is a file of a folder.
type File struct {
	// Name is its path in the folder, with slashes.
	Name string `json:"name"`
	Size int64  `json:"size"`
	// SHA256 is the hash of its content in hex.
	SHA256 string `json:"sha256"`
}

// List returns the files of a folder by name.
func List(dir string) (files []File, err error) {
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

// JSON writes JSON for files that people read, too: indented, with a line end.
func JSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return b.Bytes(), nil
}

// WriteFile writes a new file and waits until it is on the disk.
func WriteFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// Seal writes the manifest that the function makes of the list of a folder's files, and with
// a key, the key and the signature.
func Seal(dir string, key *sign.Key, manifest func([]File) any) error {
	if key != nil {
		if err := WriteFile(filepath.Join(dir, PublicKeyName), key.Public().PEM()); err != nil {
			return err
		}
	}
	files, err := List(dir)
	if err != nil {
		return err
	}
	text, err := JSON(manifest(files))
	if err != nil {
		return err
	}
	if err := WriteFile(filepath.Join(dir, ManifestName), text); err != nil || key == nil {
		return err
	}
	sig, err := key.Sign(text)
	if err != nil {
		return err
	}
	return WriteFile(filepath.Join(dir, SignatureName), sig)
}

// Write has fill write a folder that is to be dst, which appears when it is complete. The
// folder above it is made where it is missing. Where the same is there already, byte for
// byte, it stays and all is well; where anything else is there, the error wraps ErrExists, and
// names the files if they are not what the same manifest lists. What a process that was killed
// more than a day ago has left of dst is removed. mayBeEmpty is as for Verify.
func Write(dst string, fill func(dir string) error, mayBeEmpty ...string) (err error) {
	above, name := filepath.Split(filepath.Clean(dst))
	if above == "" {
		above = "."
	}
	if err := os.MkdirAll(above, 0o700); err != nil {
		return err
	}
	// A name that nobody else gives, since those of it that were left are removed.
	staging, err := tempdir.New(above, tempdir.Prefix(name, ".traillake-"), tempdir.AgeShared)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, staging.Remove()) }() // gone, where it was moved
	if err := fill(staging.Dir); err != nil {
		return err
	}
	return move(staging.Dir, dst, mayBeEmpty)
}

// move gives a complete folder its name.
func move(staging, dst string, mayBeEmpty []string) error {
	// A folder takes the place of an empty one only.
	err := os.Rename(staging, dst)
	if err == nil || !errors.Is(err, fs.ErrExist) && !isThere(dst) {
		return errors.Join(err, SyncDir(filepath.Dir(dst)))
	}
	err = same(staging, dst, mayBeEmpty)
	if errors.Is(err, ErrExists) {
		err = fmt.Errorf("%w; remove it, or give another name", err)
	}
	return err
}

// mostNamed bounds how many files an error names.
const mostNamed = 5

// same returns an error unless two folders hold the same: they have one manifest, one signature
// or none, and the files of the second are those of the manifest.
func same(a, b string, mayBeEmpty []string) error {
	b, err := filepath.EvalSymlinks(b)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrExists, err)
	}
	var manifest []byte
	for _, name := range []string{SignatureName, ManifestName} {
		ours, err := os.ReadFile(filepath.Join(a, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		theirs, err := readSmall(filepath.Join(b, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) || !bytes.Equal(ours, theirs) {
			return ErrExists
		}
		manifest = ours
	}
	var head struct {
		Files []File `json:"files"`
	}
	if err := json.Unmarshal(manifest, &head); err != nil {
		return err
	}
	c := &Check{Files: head.Files}
	if err := c.files(b, mayBeEmpty); err != nil {
		return fmt.Errorf("%w: %w", ErrExists, err)
	}
	if len(c.Problems) == 0 {
		return nil
	}
	var list []string
	for _, p := range c.Problems[:min(len(c.Problems), mostNamed)] {
		list = append(list, p.File+" ("+p.What+")")
	}
	if n := len(c.Problems) - mostNamed; n > 0 {
		list = append(list, fmt.Sprintf("and %d more", n))
	}
	return fmt.Errorf("%w: it has the same manifest, and files that are not as they were written: %s", ErrExists, strings.Join(list, ", "))
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// SyncDir waits until the names in a folder are on the disk.
func SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
