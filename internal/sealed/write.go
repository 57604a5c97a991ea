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
// byte, it stays and all is well; where anything else is there, the error wraps ErrExists.
func Write(dst string, fill func(dir string) error) (err error) {
	above, name := filepath.Split(filepath.Clean(dst))
	if above == "" {
		above = "."
	}
	if err := os.MkdirAll(above, 0o700); err != nil {
		return err
	}
	staging, err := os.MkdirTemp(above, "."+name+"-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(staging)) }() // gone, where it was moved
	if err := fill(staging); err != nil {
		return err
	}
	return move(staging, dst)
}

// move gives a complete folder its name.
func move(staging, dst string) error {
	// A folder takes the place of an empty one only.
	err := os.Rename(staging, dst)
	if err == nil || !errors.Is(err, fs.ErrExist) && !isThere(dst) {
		return errors.Join(err, syncDir(filepath.Dir(dst)))
	}
	ok, err := same(staging, dst)
	if err == nil && !ok {
		err = fmt.Errorf("%w; remove it, or give another name", ErrExists)
	}
	return err
}

// same reports whether two folders hold the same: they have one manifest, and one signature
// or none.
func same(a, b string) (bool, error) {
	for _, name := range []string{ManifestName, SignatureName} {
		ours, err := os.ReadFile(filepath.Join(a, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		theirs, err := os.ReadFile(filepath.Join(b, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) || !bytes.Equal(ours, theirs) {
			return false, nil
		}
	}
	return true, nil
}

func isThere(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
