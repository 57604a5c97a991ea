package sealed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"traillake/internal/sign"
)

// Check says what Verify found.
type Check struct {
	// Signed says that there is a signature, which Signer, the fingerprint of the key, made
	// unless a problem says otherwise.
	Signed bool   `json:"signed"`
	Signer string `json:"signer,omitempty"`
	// Problems are what is wrong, by file; none is what one hopes for.
	Problems []Problem `json:"problems"`
	// Files are what the manifest lists; nil where it cannot be read.
	Files []File `json:"-"`
}

// Problem is a file that is not as it was written.
type Problem struct {
	File string `json:"file"`
	// What is changed, missing, extra, unsigned, or a sentence.
	What string `json:"what"`
}

// Has reports whether a file is among the problems.
func (c *Check) Has(file string) bool {
	return slices.ContainsFunc(c.Problems, func(p Problem) bool { return p.File == file })
}

func (c *Check) say(file, what string) { c.Problems = append(c.Problems, Problem{file, what}) }

// errNoFile reports a symbolic link, a pipe or what else is no file: what it leads to may be
// another thing tomorrow, and elsewhere.
var errNoFile = errors.New("it is no file of its own")

// maxManifest bounds what a hostile folder can make us read: a manifest has 200 bytes for
// each file.
const maxManifest = 64 << 20

// Verify checks every file of a folder against its manifest, and the manifest against its
// signature. With a key, the signature must be by that one; without, it is checked by the
// key that lies in the folder, which says that nothing was changed by who does not have the
// private one, and not who that is. A folder without a signature has that as a problem.
//
// The folder may be reached by a symbolic link. In it there are files and folders only; a folder
// in which there is nothing is extra, unless mayBeEmpty names it.
//
// The manifest is decoded into m, which must be of the form that schema names. ok is
// false where it cannot be. The error is about reading the folder.
func Verify(dir string, key *sign.PublicKey, schema string, m any, mayBeEmpty ...string) (c *Check, ok bool, err error) {
	c = &Check{Problems: []Problem{}}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, false, err
	}
	text, err := readSmall(filepath.Join(dir, ManifestName))
	if errors.Is(err, fs.ErrNotExist) && isThere(dir) {
		c.say(ManifestName, "missing")
		return c, false, nil
	}
	if errors.Is(err, errNoFile) {
		c.say(ManifestName, errNoFile.Error())
		return c, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	if err := c.signature(dir, text, key); err != nil {
		return nil, false, err
	}
	var head struct {
		Schema string `json:"schema"`
		Files  []File `json:"files"`
	}
	err = json.Unmarshal(text, &head)
	if err == nil && head.Schema == schema {
		err = json.Unmarshal(text, m)
	}
	if err != nil {
		c.say(ManifestName, "it is no manifest: "+err.Error())
		return c, false, nil
	}
	if head.Schema != schema {
		c.say(ManifestName, fmt.Sprintf("it is of the form %q, and this version reads %s", head.Schema, schema))
		return c, false, nil
	}
	c.Files = head.Files
	if err := c.files(dir, mayBeEmpty); err != nil {
		return nil, false, err
	}
	return c, true, nil
}

func (c *Check) signature(dir string, manifest []byte, key *sign.PublicKey) error {
	sig, err := readSmall(filepath.Join(dir, SignatureName))
	if errors.Is(err, fs.ErrNotExist) {
		c.say(SignatureName, "unsigned")
		return nil
	}
	c.Signed = true
	if errors.Is(err, errNoFile) {
		c.say(SignatureName, errNoFile.Error())
		return nil
	}
	if err != nil {
		return err
	}
	if key == nil {
		text, err := readSmall(filepath.Join(dir, PublicKeyName))
		if errors.Is(err, fs.ErrNotExist) {
			c.say(PublicKeyName, "missing")
			return nil
		}
		if errors.Is(err, errNoFile) {
			c.say(PublicKeyName, errNoFile.Error())
			return nil
		}
		if err != nil {
			return err
		}
		own, err := sign.ParsePublic(text)
		if err != nil {
			c.say(PublicKeyName, err.Error())
			return nil
		}
		key = &own
	}
	c.Signer = key.Fingerprint()
	if err := key.Verify(manifest, sig); err != nil {
		c.say(ManifestName, err.Error())
	}
	return nil
}

// readSmall reads a file of a folder that somebody else made.
func readSmall(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: %w", path, errNoFile)
	}
	if info.Size() > maxManifest {
		return nil, fmt.Errorf("read %s: it has more than %d MB", path, maxManifest>>20)
	}
	return os.ReadFile(path)
}

// files compares the files that there are with those of the manifest. The problems are in the
// order of files afterwards, each once.
func (c *Check) files(dir string, mayBeEmpty []string) error {
	want, folders := map[string]File{}, map[string]bool{".": true}
	for _, name := range mayBeEmpty {
		folders[name] = true
	}
	for _, f := range c.Files {
		if _, twice := want[f.Name]; twice {
			c.say(ManifestName, "it lists "+f.Name+" twice")
		}
		want[f.Name] = f
		for above := path.Dir(f.Name); !folders[above] && above != "/"; above = path.Dir(above) {
			folders[above] = true
		}
	}
	err := filepath.WalkDir(dir, func(at string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, at)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(rel)
		if e.IsDir() {
			inside, err := os.ReadDir(at)
			if len(inside) == 0 && !folders[name] {
				c.say(name, "extra")
			}
			return err
		}
		if name == ManifestName || name == SignatureName {
			return nil
		}
		f, listed := want[name]
		delete(want, name)
		switch {
		case !listed:
			c.say(name, "extra")
			return nil
		case !e.Type().IsRegular():
			c.say(name, errNoFile.Error())
			return nil
		}
		is, err := hashFile(at)
		if err == nil && (is.SHA256 != f.SHA256 || is.Size != f.Size) {
			c.say(name, "changed")
		}
		return err
	})
	for name := range want {
		c.say(name, "missing")
	}
	slices.SortStableFunc(c.Problems, func(a, b Problem) int { return strings.Compare(a.File, b.File) })
	c.Problems = slices.Compact(c.Problems)
	return err
}
