package sign

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestKey(t *testing.T) {
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "keys", "key.pem")
	if err := k.Save(path); err != nil {
		t.Fatal(err)
	}
	if err := k.Save(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("a key is written over: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	back, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	data := []byte("content")
	sig, err := back.Sign(data)
	if err != nil {
		t.Fatal(err)
	}
	public, err := ParsePublic(k.Public().PEM())
	if err != nil || public.Fingerprint() != k.Public().Fingerprint() {
		t.Fatal(err)
	}
	if err := public.Verify(data, sig); err != nil {
		t.Error(err)
	}
	for _, bad := range [][2]string{{"contenT", string(sig)}, {"content", string(sig[1:])}, {"content", ""}} {
		if err := public.Verify([]byte(bad[0]), []byte(bad[1])); !errors.Is(err, ErrSignature) {
			t.Errorf("%q is taken: %v", bad[0], err)
		}
	}
	if err := (PublicKey{}).Verify(data, sig); !errors.Is(err, ErrSignature) {
		t.Error("no key takes a signature")
	}
	checkWithOpenSSL(t, dir, k, data, sig)

	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a key that others may read: %v", err)
	}
	for name, text := range map[string]string{"empty": "", "public": string(k.Public().PEM()), "torn": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(file); err == nil {
			t.Errorf("the file %s is taken for a key", name)
		}
	}
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "small.pem")
	if err := (&Key{small}).Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path); err == nil || !strings.Contains(err.Error(), "it has 1024 bits") {
		t.Errorf("a key of 1024 bits: %v", err)
	}
	if _, err := ParsePublic([]byte("x")); err == nil {
		t.Error("no key is taken for one")
	}
}

// checkWithOpenSSL has another program check the signature.
func checkWithOpenSSL(t *testing.T, dir string, k *Key, data, sig []byte) {
	tool, err := exec.LookPath("openssl")
	if err != nil {
		t.Log("openssl is not installed: no other program checks the signature")
		return
	}
	for name, content := range map[string][]byte{"public.pem": k.Public().PEM(), "data": data, "sig": sig} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), tool, "dgst", "-sha256", "-verify", "public.pem", "-signature", "sig", "data")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("openssl: %v, %s", err, out)
	}
}
