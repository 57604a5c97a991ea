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

// Verify checks an export as "aws cloudtrail verify-query-results" does, and that nothing
// else lies in the folder. The error is about reading it.
func Verify(dir string, key sign.PublicKey) (*Sign, []Problem, error) {
	text, err := os.ReadFile(filepath.Join(dir, SignName))
	if err != nil {
		return nil, nil, fmt.Errorf("verify export: %w", err)
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

func hashFile(path string) (_ string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return sumOf(h), err
}
