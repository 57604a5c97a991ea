package export

import (
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/engine/encode"
	"traillake/internal/sign"
	"traillake/lake/digest"
)

// SignName is the name of the sign file. It is written last: without it an export is not
// complete.
const SignName = "result_sign.json"

// Sign is the content of a sign file.
type Sign struct {
	Version              string     `json:"version"`
	Region               string     `json:"region"`
	Files                []SignFile `json:"files"`
	HashAlgorithm        string     `json:"hashAlgorithm"`
	SignatureAlgorithm   string     `json:"signatureAlgorithm"`
	QueryCompleteTime    string     `json:"queryCompleteTime"`
	HashSignature        string     `json:"hashSignature"`
	PublicKeyFingerprint string     `json:"publicKeyFingerprint"`
}

// SignFile is a file of an export.
type SignFile struct {
	FileHashValue string `json:"fileHashValue"`
	FileName      string `json:"fileName"`
}

// Rows yields record batches until io.EOF. A result of a query is one.
type Rows interface {
	Schema() *arrow.Schema
	Next(ctx context.Context) (arrow.RecordBatch, error)
}

// Options say how to export.
type Options struct {
	// Key signs.
	Key *sign.Key
	// Region is that of the event data store.
	Region string
	// FileBytes is how much text a file holds, about; zero means DefaultFileBytes.
	FileBytes int64
	// Now says when the query was complete; nil means time.Now.
	Now func() time.Time
}

// DefaultFileBytes is how much text a file holds where nothing else is said: 4 GiB, some
// hundred megabytes when compressed. AWS says no more than that it is at most 1 TB.
const DefaultFileBytes = 4 << 30

// Write exports all rows into a folder, which is made where it is missing and must not
// hold anything. When it fails, nothing is left of what it wrote.
func Write(ctx context.Context, rows Rows, dir string, o Options) (_ *Sign, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("export to %s: %w", dir, err)
		}
	}()
	if o.FileBytes == 0 {
		o.FileBytes = DefaultFileBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if len(entries) > 0 {
		return nil, errors.New("there is something in the folder; give an empty or a new one")
	}
	var made []string // by this call, and by nobody else meanwhile
	defer func() {
		if err != nil {
			for _, path := range made {
				err = errors.Join(err, os.Remove(path))
			}
		}
	}()
	create := func(name string) (*os.File, error) {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			made = append(made, f.Name())
		}
		return f, err
	}
	s := &Sign{Version: "1.0", Region: o.Region, HashAlgorithm: "SHA-256", SignatureAlgorithm: "SHA256withRSA"}
	for more := true; more; {
		s.Files = append(s.Files, SignFile{FileName: fmt.Sprintf("result_%d.csv.gz", len(s.Files)+1)})
		part := &s.Files[len(s.Files)-1]
		f, err := create(part.FileName)
		if err != nil {
			return nil, err
		}
		if part.FileHashValue, more, err = writeFile(ctx, rows, f, o.FileBytes); err != nil {
			return nil, err
		}
	}
	s.QueryCompleteTime = o.Now().UTC().Format(time.RFC3339)
	sig, err := o.Key.Sign(s.signed())
	if err != nil {
		return nil, err
	}
	s.HashSignature = hex.EncodeToString(sig)
	s.PublicKeyFingerprint = fingerprint(o.Key.Public())
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, err
	}
	f, err := create(SignName)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(append(text, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	return s, nil
}

// signed is what is signed: the hashes with a blank between them.
func (s *Sign) signed() []byte {
	hashes := make([]string, len(s.Files))
	for i, f := range s.Files {
		hashes[i] = f.FileHashValue
	}
	return []byte(strings.Join(hashes, " "))
}

// fingerprint is the name that ListPublicKeys has for a key.
func fingerprint(k sign.PublicKey) string {
	return digest.PublicKeyOf(k.RSA(), time.Time{}, time.Time{}).Fingerprint
}

// writeFile writes rows into a new file until it holds enough, and closes it; more says that
// there may be rows left.
func writeFile(ctx context.Context, rows Rows, f *os.File, most int64) (sum string, more bool, err error) {
	h := sha256.New()
	z := gzip.NewWriter(io.MultiWriter(f, h))
	text := &counter{w: z}
	more, err = copyRows(ctx, rows, text, most)
	err = errors.Join(err, z.Close(), f.Sync(), f.Close())
	return sumOf(h), more, err
}

func copyRows(ctx context.Context, rows Rows, w *counter, most int64) (more bool, err error) {
	enc, err := encode.New(encode.CSV, w, rows.Schema(), encode.Options{Quoted: true})
	if err != nil {
		return false, err
	}
	for w.n < most {
		b, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			return false, enc.Close()
		}
		if err != nil {
			return false, err
		}
		err = enc.Write(b)
		b.Release()
		if err != nil {
			return false, err
		}
	}
	return true, enc.Close()
}

func sumOf(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

// Write implements io.Writer.
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
