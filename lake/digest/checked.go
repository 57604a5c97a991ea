package digest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// The names of a digest's user-defined metadata in S3, without x-amz-meta-.
const (
	MetaSignature = "signature"
	MetaAlgorithm = "signature-algorithm"
	MetaBackfill  = "backfill-generation-timestamp"
)

// MaxBytes bounds what a hostile digest can make us hold, as stored and unzipped, for each that is read
// at once: a digest of a busy hour lists some thousand logs of 500 bytes each, and this is room for
// more than a hundred thousand.
const MaxBytes = 64 << 20

// maxKept bounds the room for a text that is kept for the next digest.
const maxKept = 4 << 20

// Checked is a digest file that was found, and what is known of it.
type Checked struct {
	// At is where it was found; a path where it has no bucket.
	At Ref
	// Name is what its name tells.
	Name Name
	// File is what it says; nil where Invalid says that it cannot be read.
	File *File
	// SHA256 is of its text, in hex.
	SHA256 string
	// Signature is its signature in hex; empty when nobody has told it yet.
	Signature string
	// Invalid is why it is not valid; nil means that nothing is wrong with it so far.
	Invalid *Invalid
	// NoMetadata is why no sense can be made of its metadata, as if it had none; nil mostly. The
	// digest is not valid for that unless another one tells its signature.
	NoMetadata *Invalid
	// Verified is set once its signature was found to be right.
	Verified bool
}

// Open reads a digest file that was found at a place. A place without a bucket is the path
// of a copy on a disk; slashes separate folders. Metadata is the object's user-defined
// metadata; nil means that it is not known, as of a copy on a disk, and that the signature
// may come from elsewhere: see Complete.
func Open(at Ref, stored []byte, metadata map[string]string) *Checked {
	c := &Checked{At: at}
	c.Name, _ = ParseName(at.Key)
	f := inflaters.Get().(*inflater)
	defer func() {
		f.shrink()
		inflaters.Put(f)
	}()
	text, err := f.inflate(stored)
	if err == nil {
		c.SHA256 = hashOf(text)
		c.File, err = Parse(text)
	}
	if err != nil {
		c.Invalid = &Invalid{Reason: InvalidFormat, Err: err}
		return c
	}
	if metadata != nil {
		lower := make(map[string]string, len(metadata))
		for k, v := range metadata {
			lower[strings.ToLower(k)] = v
		}
		c.Signature = lower[MetaSignature]
		if c.Signature == "" || lower[MetaAlgorithm] == "" {
			c.Invalid = &Invalid{Reason: SignatureFailed, Err: fmt.Errorf("its metadata has no %s", strings.Join([]string{MetaSignature, MetaAlgorithm}, " or no "))}
			return c
		}
		if c.Name.Backfill && lower[MetaBackfill] == "" {
			c.Invalid = &Invalid{Reason: InvalidFormat, Err: errors.New("its metadata has no " + MetaBackfill)}
			return c
		}
	}
	if !c.inPlace() {
		c.Invalid = &Invalid{Reason: Moved, Err: errors.New("it says that it lies at " + c.File.At.String())}
	}
	return c
}

// Complete gives digests without a known signature the one that their successors name. That
// needs no trust: Verify tells a wrong one.
func Complete(digests []*Checked) {
	named := make(map[Ref]string)
	for _, c := range digests {
		if c.File != nil && c.File.Previous != nil {
			named[c.File.Previous.Ref] = c.File.Previous.Signature
		}
	}
	for _, c := range digests {
		if c.Signature == "" && c.File != nil && c.Invalid == nil {
			c.Signature = named[c.File.At]
		}
	}
}

// Verify checks the signature. A digest whose signature nobody knows is neither verified
// nor invalid.
func (c *Checked) Verify(keys *Keys) {
	if c.Invalid != nil || c.File == nil || c.Signature == "" {
		return
	}
	c.Invalid = keys.verify(c.Name, c.File, c.SHA256, c.Signature)
	c.Verified = c.Invalid == nil
}

// Follow is Verify for a digest before one that is valid: where that one names it with the
// hash and the signature that it has, both were signed with it, and are not checked again.
// The public key must be known all the same. Unlike Verify, it believes CloudTrail that the
// signature which it names was a good one.
func (c *Checked) Follow(by *Checked, keys *Keys) {
	if c.Invalid == nil && c.File != nil && by != nil && by.Valid() && by.File.Previous != nil {
		p := by.File.Previous
		if p.Ref == c.File.At && c.Signature != "" && c.Signature == p.Signature && c.SHA256 == p.SHA256 && keys.knows(c.File.Fingerprint) {
			c.Verified = true
			return
		}
	}
	c.Verify(keys)
}

// Valid reports whether the digest can be believed.
func (c *Checked) Valid() bool { return c.Verified && c.Invalid == nil }

// inflater unzips digests; a month of an organization has many thousand.
type inflater struct {
	in   bytes.Reader
	zr   gzip.Reader
	text bytes.Buffer
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// shrink lets go of what was read, and of the room for a very long text.
func (f *inflater) shrink() {
	f.in.Reset(nil)
	if f.text.Cap() > maxKept {
		f.text = bytes.Buffer{}
	}
}

// inflate unzips one gzip stream with nothing behind it. The text is f's.
func (f *inflater) inflate(stored []byte) ([]byte, error) {
	if len(stored) > MaxBytes {
		return nil, fmt.Errorf("unzip digest: the file has more than %d MB", MaxBytes>>20)
	}
	f.in.Reset(stored)
	f.text.Reset()
	if err := f.zr.Reset(&f.in); err != nil {
		return nil, fmt.Errorf("unzip digest: %w", err)
	}
	f.zr.Multistream(false)
	_, err := f.text.ReadFrom(io.LimitReader(&f.zr, MaxBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("unzip digest: %w", err)
	case f.text.Len() > MaxBytes:
		return nil, fmt.Errorf("unzip digest: it has more than %d MB", MaxBytes>>20)
	case f.in.Len() > 0:
		return nil, fmt.Errorf("unzip digest: %d bytes follow the end", f.in.Len())
	}
	return f.text.Bytes(), nil
}
