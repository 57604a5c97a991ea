package folder

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"traillake/internal/sealed"
	"traillake/internal/sign"
	"traillake/queries"
	"traillake/queries/report"
)

// TestVerify writes a signed report and changes it in every way: each is found, with the
// file named.
func TestVerify(t *testing.T) {
	key, other := must(sign.NewKey()), must(sign.NewKey())
	dir := filepath.Join(t.TempDir(), "r")
	pack := report.Single(must(queries.Catalog().Get("root-use")), nil)
	c := report.Config{Pack: pack, Queries: queries.Catalog(), Period: october}
	e := generated(t, 700)
	for range 2 { // the same signature, too
		if _, err := Write(t.Context(), e, c, dir, Options{Key: key}); err != nil {
			t.Fatal(err)
		}
	}
	public, stranger := key.Public(), other.Public()
	verify := func(k *sign.PublicKey) []Problem {
		t.Helper()
		check, err := Verify(dir, k)
		if err != nil {
			t.Fatal(err)
		}
		return check.Problems
	}
	for _, k := range []*sign.PublicKey{nil, &public} {
		if p := verify(k); len(p) != 0 {
			t.Errorf("a good report: %v", p)
		}
	}
	if p := verify(&stranger); !slices.Equal(p, []Problem{{File: ManifestName, What: sign.ErrSignature.Error()}}) {
		t.Errorf("by another key: %v", p)
	}
	all := files(t, dir)
	if len(all) != 8 { // json, md, html, pdf, csv, manifest, signature, key
		t.Errorf("%d files", len(all))
	}
	for name, text := range all {
		path := filepath.Join(dir, name)
		for _, change := range []struct {
			what string
			do   func() error
		}{
			{"changed", func() error {
				b := []byte(text)
				b[len(b)/2] ^= 1
				return os.WriteFile(path, b, 0o600)
			}},
			{"shorter", func() error { return os.WriteFile(path, []byte(text[:len(text)-1]), 0o600) }},
			{"missing", func() error { return os.Remove(path) }},
			{"link", func() error { return os.Rename(path, path+".moved") }},
		} {
			if err := change.do(); err != nil {
				t.Fatal(err)
			}
			problems := verify(&public)
			named := slices.ContainsFunc(problems, func(p Problem) bool {
				// A flipped bit in the signature cannot be told from one in what it signs.
				return p.File == name || name == SignatureName && p.File == ManifestName
			})
			if !named {
				t.Errorf("%s %s: %v", name, change.what, problems)
			}
			if change.what == "link" {
				if err := os.Remove(path + ".moved"); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	extra := filepath.Join(dir, "queries", "extra.csv")
	if err := os.WriteFile(extra, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if p := verify(&public); !slices.Equal(p, []Problem{{File: "queries/extra.csv", What: "extra"}}) {
		t.Errorf("an extra file: %v", p)
	}
	if err := os.Remove(extra); err != nil {
		t.Fatal(err)
	}

	// Who can change a file can make another manifest, and sign it with a key of theirs.
	forged := bytes.Replace([]byte(all["report.md"]), []byte("findings"), []byte("nothing"), 1)
	for name, b := range map[string][]byte{"report.md": forged, PublicKeyName: stranger.PEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{ManifestName, SignatureName} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	m := Manifest{Schema: ManifestSchema, Files: must(sealed.List(dir))}
	text := must(sealed.JSON(m))
	if err := sealed.WriteFile(filepath.Join(dir, ManifestName), text); err != nil {
		t.Fatal(err)
	}
	if p := verify(nil); len(p) != 1 || p[0].What != "unsigned" {
		t.Errorf("without a signature: %v", p)
	}
	if err := sealed.WriteFile(filepath.Join(dir, SignatureName), must(other.Sign(text))); err != nil {
		t.Fatal(err)
	}
	if p := verify(nil); len(p) != 0 {
		t.Errorf("by their own key: %v", p)
	}
	if p := verify(&public); len(p) != 1 || p[0].File != ManifestName {
		t.Errorf("forged: %v", p)
	}
	if _, err := Verify(filepath.Join(dir, "nowhere"), nil); err == nil {
		t.Error("no folder is verified")
	}
}
