package digest

import (
	"bytes"
	"testing"
	"time"
)

// FuzzOpen wants no panic, whatever a digest file, its metadata and its place are, and no
// digest to be valid that was not signed.
func FuzzOpen(f *testing.F) {
	digests, keys := chain(f, 2)
	for _, d := range digests {
		f.Add(zip(d.text), d.metadata[MetaSignature], d.at.Bucket, d.at.Key)
	}
	f.Add([]byte{0x1f, 0x8b}, "", "", "")
	f.Add(zip([]byte(`{"digestEndTime":null}`)), "00", "b", "k")
	f.Fuzz(func(t *testing.T, stored []byte, signature, bucket, key string) {
		c := Open(Ref{bucket, key}, stored, map[string]string{MetaSignature: signature, MetaAlgorithm: "SHA256withRSA", MetaBackfill: "x"})
		c.Verify(keys)
		Walk([]*Checked{c}, time.Time{}, func(*Checked, Ref) *Checked { return c })
		if !c.Valid() {
			return
		}
		text, err := new(inflater).inflate(stored)
		if err != nil {
			t.Fatalf("valid, and %v", err)
		}
		for _, d := range digests {
			if bytes.Equal(text, d.text) && (bucket == "" || c.At == d.at) {
				return
			}
		}
		t.Errorf("a digest that was not signed is valid: %s at %s", text, c.At)
	})
}

// FuzzChanged changes one byte of a signed digest, its signature or its place: it is
// never valid afterwards, unless the byte is a hex digit in the other case.
func FuzzChanged(f *testing.F) {
	digests, keys := chain(f, 2)
	f.Add(uint8(0), uint16(3), uint8(1))
	f.Add(uint8(1), uint16(40), uint8(0x20))
	f.Add(uint8(2), uint16(7), uint8(4))
	f.Add(uint8(3), uint16(20), uint8(0x80))
	f.Fuzz(func(t *testing.T, what uint8, at uint16, flip uint8) {
		if flip == 0 {
			return
		}
		d := digests[1]
		if !d.open(keys).Valid() {
			t.Fatal("the digest is not valid as it is")
		}
		text, sig, bucket, key := bytes.Clone(d.text), []byte(d.metadata[MetaSignature]), []byte(d.at.Bucket), []byte(d.at.Key)
		b := [][]byte{text, sig, bucket, key}[what%4]
		i := int(at) % len(b)
		b[i] ^= flip
		changed := made{Ref{string(bucket), string(key)}, text, map[string]string{MetaSignature: string(sig), MetaAlgorithm: "SHA256withRSA"}}
		if c := changed.open(keys); c.Valid() && !(what%4 == 1 && bytes.EqualFold(sig, []byte(d.metadata[MetaSignature]))) {
			t.Errorf("byte %d of %d is changed by %x, and the digest is valid", i, what%4, flip)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	f.Add([]byte(`{"PublicKeyList":[{"Value":"AAAA","Fingerprint":"a"}]}`))
	digests, _ := chain(f, 1)
	f.Fuzz(func(t *testing.T, text []byte) {
		keys, err := ParseKeys(text)
		if err != nil {
			return
		}
		if digests[0].open(keys).Valid() {
			t.Error("a digest is valid by a key that nobody has")
		}
	})
}
