package export

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"traillake/internal/sign"
)

// Problem is a file of an export that is not as it was written.
type Problem struct {
	File string
	// What is changed, missing, extra, or a sentence.
	What string
}

// maxSign bounds what a hostile folder can make us read: a sign file has less than 200 bytes
// for each file.
const maxSign = 64 << 20

// errNoFile reports a symbolic link, a pipe or what else is no file.
var errNoFile = errors.New("it is no file of its own")

// Verify checks an export as "aws cloudtrail verify-query-results" does, and that nothing
// else lies in the folder, and nothing but files. The signature is one of the hashes in
// their order: names, region and time are as whoever wrote the sign file last has them.
// The error is about reading it.
func Verify(dir string, key sign.PublicKey) (*Sign, []Problem, error) {
	f, err := open(filepath.Join(dir, SignName))
	if errors.Is(err, errNoFile) {
		return nil, []Problem{{SignName, errNoFile.Error()}}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("verify export: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxSign+1))
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, nil, fmt.Errorf("verify export: %w", err)
	}
	if len(text) > maxSign {
		return nil, []Problem{{SignName, fmt.Sprintf("it has more than %d MB, which no sign file has", maxSign>>20)}}, nil
	}
	s := &Sign{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, []Problem{{SignName, "it is no sign file: " + err.Error()}}, nil
	}
	var problems []Problem
	say := func(file, what string) { problems = append(problems, Problem{file, what}) }
	if len(s.Files) == 0 {
		say(SignName, "it lists no files")
	}
	if s.HashAlgorithm != "SHA-256" || s.SignatureAlgorithm != "SHA256withRSA" {
		say(SignName, fmt.Sprintf("it is made with %q and %q, which are not known", s.HashAlgorithm, s.SignatureAlgorithm))
	}
	sig, err := hex.DecodeString(s.HashSignature)
	switch {
	case s.PublicKeyFingerprint != fingerprint(key):
		say(SignName, "it is signed by another key, "+s.PublicKeyFingerprint)
	case err != nil || key.Verify(s.signed(), sig) != nil:
		say(SignName, sign.ErrSignature.Error())
	}
	known := map[string]bool{SignName: true}
	for _, f := range s.Files {
		known[f.FileName] = true
		if f.FileName != filepath.Base(f.FileName) {
			say(SignName, fmt.Sprintf("it lists %q, which is no name of a file", f.FileName))
			continue
		}
		sum, err := hashFile(filepath.Join(dir, f.FileName))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			say(f.FileName, "missing")
		case errors.Is(err, errNoFile):
			say(f.FileName, errNoFile.Error())
		case err != nil:
			return nil, nil, fmt.Errorf("verify export: %w", err)
		case sum != f.FileHashValue:
			say(f.FileName, "changed")
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("verify export: %w", err)
	}
	for _, e := range entries {
		if !known[e.Name()] {
			say(e.Name(), "extra")
		}
	}
	return s, problems, nil
}

// open opens what must be a file, and no link to one.
func open(path string) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open %s: %w", path, errNoFile)
	}
	return os.Open(path)
}

func hashFile(path string) (_ string, err error) {
	f, err := open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return sumOf(h), err
}
