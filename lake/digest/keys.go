package digest

import (
	"crypto"
	"crypto/md5" // fingerprints are names, not proofs
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// PublicKey is an entry of CloudTrail's ListPublicKeys.
type PublicKey struct {
	// Fingerprint names the key in digests.
	Fingerprint string
	// Value is the key, a PKCS #1 RSAPublicKey in DER.
	Value []byte
	// ValidityStartTime and ValidityEndTime bound its use; zero where unknown.
	ValidityStartTime, ValidityEndTime time.Time
}

// Keys are public keys by their fingerprints. The zero value has none.
type Keys struct{ byPrint map[string][]knownKey }

type knownKey struct {
	PublicKey
	key *rsa.PublicKey // nil where Value is none
}

// Add adds a key. Two keys of one fingerprint are both tried.
func (k *Keys) Add(p PublicKey) {
	if k.byPrint == nil {
		k.byPrint = make(map[string][]knownKey)
	}
	for _, have := range k.byPrint[p.Fingerprint] {
		if string(have.Value) == string(p.Value) {
			return
		}
	}
	key, err := x509.ParsePKCS1PublicKey(p.Value)
	if err != nil {
		key = nil
	}
	k.byPrint[p.Fingerprint] = append(k.byPrint[p.Fingerprint], knownKey{p, key})
}

// Len returns the number of keys.
func (k *Keys) Len() int {
	n := 0
	for _, list := range k.byPrint {
		n += len(list)
	}
	return n
}

// knows reports whether there is a key of a fingerprint that can be read.
func (k *Keys) knows(fingerprint string) bool {
	return slices.ContainsFunc(k.byPrint[fingerprint], func(p knownKey) bool { return p.key != nil })
}

// Merge adds the keys of another set.
func (k *Keys) Merge(other *Keys) {
	for _, list := range other.byPrint {
		for _, p := range list {
			k.Add(p.PublicKey)
		}
	}
}

// keysJSON is what "aws cloudtrail list-public-keys" prints. The times are texts there
// and numbers in the API's own form, so they are left as they are.
type keysJSON struct {
	PublicKeyList []struct {
		Value       string
		Fingerprint string
	}
}

// ParseKeys reads public keys in the form in which "aws cloudtrail list-public-keys"
// prints them.
func ParseKeys(text []byte) (*Keys, error) {
	var j keysJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("read public keys: %w", err)
	}
	if j.PublicKeyList == nil {
		return nil, errors.New("read public keys: there is no PublicKeyList; give what 'aws cloudtrail list-public-keys' prints")
	}
	keys := &Keys{}
	for i, e := range j.PublicKeyList {
		der, err := base64.StdEncoding.DecodeString(e.Value)
		if err != nil {
			return nil, fmt.Errorf("read public keys: entry %d: %w", i, err)
		}
		if e.Fingerprint == "" {
			return nil, fmt.Errorf("read public keys: entry %d has no Fingerprint", i)
		}
		keys.Add(PublicKey{Fingerprint: e.Fingerprint, Value: der})
	}
	return keys, nil
}

// EncodeKeys returns the keys in the form that ParseKeys reads.
func EncodeKeys(keys []PublicKey) ([]byte, error) {
	type entry struct{ Value, ValidityStartTime, ValidityEndTime, Fingerprint string }
	list := struct{ PublicKeyList []entry }{[]entry{}}
	for _, k := range keys {
		list.PublicKeyList = append(list.PublicKeyList, entry{
			base64.StdEncoding.EncodeToString(k.Value), k.ValidityStartTime.UTC().Format(time.RFC3339),
			k.ValidityEndTime.UTC().Format(time.RFC3339), k.Fingerprint,
		})
	}
	text, err := json.MarshalIndent(list, "", "    ")
	if err != nil {
		return nil, fmt.Errorf("encode public keys: %w", err)
	}
	return append(text, '\n'), nil
}

// PublicKeyOf returns the entry that ListPublicKeys would have for a key. How AWS makes
// fingerprints is not known; this is the MD5 of the DER in hex, which has their length.
func PublicKeyOf(key *rsa.PublicKey, from, to time.Time) PublicKey {
	der := x509.MarshalPKCS1PublicKey(key)
	sum := md5.Sum(der)
	return PublicKey{Fingerprint: hex.EncodeToString(sum[:]), Value: der, ValidityStartTime: from, ValidityEndTime: to}
}

// verify checks a signature, in hex, of what a digest signs.
func (k *Keys) verify(n Name, f *File, sum, signature string) *Invalid {
	keys := k.byPrint[f.Fingerprint]
	if len(keys) == 0 {
		return keyNotFound(n.HomeRegion, f.Fingerprint)
	}
	sig, err := hex.DecodeString(signature)
	if err != nil {
		return &Invalid{Reason: SignatureFailed, Err: err}
	}
	signed := sha256.Sum256(f.StringToSign(sum))
	invalid := &Invalid{Reason: KeyUnreadable, Detail: " with fingerprint " + f.Fingerprint}
	for _, p := range keys {
		if p.key == nil {
			continue
		}
		if err = rsa.VerifyPKCS1v15(p.key, crypto.SHA256, signed[:], sig); err == nil {
			return nil
		}
		invalid = &Invalid{Reason: SignatureFailed, Err: err}
	}
	return invalid
}

// StringToSign returns what CloudTrail signs of a digest whose text has the given SHA-256
// in hex: the end of its period, its place, its hash and the signature of the one before.
func (f *File) StringToSign(sum string) []byte {
	return slices.Concat([]byte(f.endText), []byte("\n"), []byte(f.At.Bucket+"/"+f.At.Key), []byte("\n"), []byte(sum), []byte("\n"), []byte(f.previousSignature))
}

// Sign returns the signature of a digest with the given text, in hex.
func Sign(key *rsa.PrivateKey, text []byte) (string, error) {
	f, err := Parse(text)
	if err != nil {
		return "", fmt.Errorf("sign digest: %w", err)
	}
	signed := sha256.Sum256(f.StringToSign(hashOf(text)))
	sig, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, signed[:])
	if err != nil {
		return "", fmt.Errorf("sign digest: %w", err)
	}
	return hex.EncodeToString(sig), nil
}

func hashOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
