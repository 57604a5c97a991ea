// Package sign makes and checks the signatures of reports and of exported results: RSA
// with SHA-256 in the form of PKCS #1 v1.5, which is what CloudTrail Lake signs results
// with, and which gives the same signature for the same bytes. Keys are PEM files that
// openssl reads, too.
package sign

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// keyBits is the size of new keys: by NIST SP 800-57 good beyond 2030, where 2048 is not.
const keyBits = 3072

// minBits is the least that is taken: NIST SP 800-131A allows no smaller ones to sign.
const minBits = 2048

// The types of PEM blocks: PKCS #8 and SubjectPublicKeyInfo.
const (
	privateBlock = "PRIVATE KEY"
	publicBlock  = "PUBLIC KEY"
)

// ErrSignature reports that a signature is not that of the bytes by the key.
var ErrSignature = errors.New("the signature is not of this content by this key")

// Key is a private key. It is safe for concurrent use.
type Key struct{ private *rsa.PrivateKey }

// PublicKey is a public key. Its zero value checks nothing.
type PublicKey struct{ key *rsa.PublicKey }

// NewKey makes a key.
func NewKey() (*Key, error) {
	k, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	return &Key{k}, nil
}

// Save writes the key to a new file that only its user can read. It is an error if there
// is a file of that name.
func (k *Key) Save(path string) error {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return fmt.Errorf("save key %s: %w", path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("save key: %w", err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("save key: %w", err)
	}
	if err := errors.Join(pem.Encode(f, &pem.Block{Type: privateBlock, Bytes: der}), f.Sync(), f.Close()); err != nil {
		return errors.Join(fmt.Errorf("save key %s: %w", path, err), os.Remove(path))
	}
	return nil
}

// Load reads a key. It refuses a file that others than its user may read or change, and a key
// that is too small to be trusted.
func Load(path string) (*Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("load key: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("load key %s: others may read it (%s); chmod 600 it, and if they may have done so, make another", path, fs.FileMode(mode))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("load key: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != privateBlock {
		return nil, fmt.Errorf("load key %s: it holds no PEM block %q; keys in other forms, and encrypted ones, are not read", path, privateBlock)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("load key %s: %w", path, err)
	}
	k, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("load key %s: it is a %T, and RSA is needed", path, parsed)
	}
	if bits := k.N.BitLen(); bits < minBits {
		return nil, fmt.Errorf("load key %s: it has %d bits, and others may forge signatures of less than %d; make another", path, bits, minBits)
	}
	return &Key{k}, nil
}

// Public returns the key that checks what this one signs.
func (k *Key) Public() PublicKey { return PublicKey{&k.private.PublicKey} }

// Sign returns the signature of bytes.
func (k *Key) Sign(data []byte) ([]byte, error) {
	sum := sha256.Sum256(data)
	sig, err := rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, sum[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return sig, nil
}

// ParsePublic reads a public key as PEM writes it.
func ParsePublic(text []byte) (PublicKey, error) {
	block, _ := pem.Decode(text)
	if block == nil || block.Type != publicBlock {
		return PublicKey{}, fmt.Errorf("read public key: there is no PEM block %q", publicBlock)
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return PublicKey{}, fmt.Errorf("read public key: %w", err)
	}
	k, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return PublicKey{}, fmt.Errorf("read public key: it is a %T, and RSA is needed", parsed)
	}
	return PublicKey{k}, nil
}

// PEM returns the key as a file that openssl reads.
func (p PublicKey) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: publicBlock, Bytes: p.der()})
}

// Fingerprint names the key: SHA-256 of its DER, in hex. It is what
// "openssl pkey -pubin -outform DER | sha256sum" prints.
func (p PublicKey) Fingerprint() string {
	sum := sha256.Sum256(p.der())
	return hex.EncodeToString(sum[:])
}

// RSA returns the key itself.
func (p PublicKey) RSA() *rsa.PublicKey { return p.key }

// Verify checks a signature. The error wraps ErrSignature.
func (p PublicKey) Verify(data, signature []byte) error {
	sum := sha256.Sum256(data)
	if p.key == nil || rsa.VerifyPKCS1v15(p.key, crypto.SHA256, sum[:], signature) != nil {
		return ErrSignature
	}
	return nil
}

func (p PublicKey) der() []byte {
	der, err := x509.MarshalPKIXPublicKey(p.key)
	if err != nil {
		panic("BUG: an RSA key has no DER: " + err.Error())
	}
	return der
}
