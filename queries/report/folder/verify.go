package folder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"traillake/internal/sign"
)

// Files of a signed report beside those that the manifest lists.
const (
	// SignatureName is the file of the manifest's signature.
	SignatureName = "manifest.json.sig"
	// PublicKeyName is the file of the key that checks it. The manifest lists it.
	PublicKeyName = "public-key.pem"
)

// Check says what Verify found.
type Check struct {
	// Manifest is what the folder holds by its own account; nil where it cannot be read.
	Manifest *Manifest `json:"manifest,omitempty"`
	// Signed says that there is a signature, which Signer, the fingerprint of the key, made
	// unless a problem says otherwise.
	Signed bool   `json:"signed"`
	Signer string `json:"signer,omitempty"`
	// Problems are what is wrong, by file; none is what one hopes for.
	Problems []Problem `json:"problems"`
}

// Problem is a file that is not as it was written.
type Problem struct {
	File string `json:"file"`
	// What is changed, missing, extra, unsigned, or a sentence.
	What string `json:"what"`
}

// Verify checks every file of a report's folder against the manifest, and the manifest
// against its signature. With a key, the signature must be by that one; without, it is
// checked by the key that lies in the folder, which says that nothing was changed by who
// does not have the private one, and not who that is. A report without a signature has
// that as a problem. The error is about reading the folder.
func Verify(dir string, key *sign.PublicKey) (*Check, error) {
	c := &Check{Problems: []Problem{}}
	say := func(file, what string) { c.Problems = append(c.Problems, Problem{file, what}) }
	text, err := os.ReadFile(filepath.Join(dir, ManifestName))
	if errors.Is(err, fs.ErrNotExist) && isThere(dir) {
		say(ManifestName, "missing")
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("verify report %s: %w", dir, err)
	}
	if err := c.signature(dir, text, key, say); err != nil {
		return nil, fmt.Errorf("verify report %s: %w", dir, err)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		say(ManifestName, "it is no manifest: "+err.Error())
		return c, nil
	}
	if m.Schema != ManifestSchema {
		say(ManifestName, fmt.Sprintf("it is of the form %q, and this version reads %s", m.Schema, ManifestSchema))
		return c, nil
	}
	c.Manifest = m
	if err := c.files(dir, m, say); err != nil {
		return nil, fmt.Errorf("verify report %s: %w", dir, err)
	}
	slices.SortStableFunc(c.Problems, func(a, b Problem) int { return strings.Compare(a.File, b.File) })
	return c, nil
}

func (c *Check) signature(dir string, manifest []byte, key *sign.PublicKey, say func(file, what string)) error {
	sig, err := os.ReadFile(filepath.Join(dir, SignatureName))
	if errors.Is(err, fs.ErrNotExist) {
		say(SignatureName, "unsigned")
		return nil
	}
	if err != nil {
		return err
	}
	c.Signed = true
	if key == nil {
		text, err := os.ReadFile(filepath.Join(dir, PublicKeyName))
		if errors.Is(err, fs.ErrNotExist) {
			say(PublicKeyName, "missing")
			return nil
		}
		if err != nil {
			return err
		}
		own, err := sign.ParsePublic(text)
		if err != nil {
			say(PublicKeyName, err.Error())
			return nil
		}
		key = &own
	}
	c.Signer = key.Fingerprint()
	if err := key.Verify(manifest, sig); err != nil {
		say(ManifestName, err.Error())
	}
	return nil
}

// files compares the files that there are with those of the manifest.
func (c *Check) files(dir string, m *Manifest, say func(file, what string)) error {
	want := map[string]File{}
	for _, f := range m.Files {
		want[f.Name] = f
	}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if name == ManifestName || name == SignatureName {
			return nil
		}
		f, listed := want[name]
		delete(want, name)
		switch {
		case !listed:
			say(name, "extra")
			return nil
		case !e.Type().IsRegular():
			say(name, "it is no file of its own")
			return nil
		}
		is, err := hashFile(path)
		if err == nil && (is.SHA256 != f.SHA256 || is.Size != f.Size) {
			say(name, "changed")
		}
		return err
	})
	for name := range want {
		say(name, "missing")
	}
	return err
}

// sealed writes the signature of a manifest beside it.
func sealed(dir string, manifest []byte, key *sign.Key) error {
	sig, err := key.Sign(manifest)
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, SignatureName), sig)
}

// same reports whether two folders hold the same report: they have one manifest, and one
// signature or none.
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
