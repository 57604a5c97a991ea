package digest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// File is what a digest file says.
type File struct {
	// Account is the account whose log files it lists.
	Account string
	// Start and End bound the time of delivery of these files.
	Start, End time.Time
	// At is where CloudTrail put the digest.
	At Ref
	// Fingerprint names the public key for its signature.
	Fingerprint string
	// Previous names the digest before; nil at the beginning of a chain.
	Previous *Previous
	// Logs are the log files, in the digest's order.
	Logs []Log

	endText           string // as in the JSON, which is what is signed
	previousSignature string // "null" for null
}

// Previous is what a digest says of the one before.
type Previous struct {
	Ref
	// SHA256 is of its text, in hex.
	SHA256 string
	// Signature is its signature, in hex.
	Signature string
}

// Log is what a digest says of a log file.
type Log struct {
	Ref
	// SHA256 is of the decompressed text, in hex.
	SHA256 string
	// Oldest and Newest bound the times of its events. Encode writes them, Parse leaves
	// them out.
	Oldest, Newest time.Time
}

// fileJSON is the form of a digest file; its members are in CloudTrail's order.
type fileJSON struct {
	AWSAccountID                string    `json:"awsAccountId"`
	DigestStartTime             string    `json:"digestStartTime"`
	DigestEndTime               string    `json:"digestEndTime"`
	DigestS3Bucket              string    `json:"digestS3Bucket"`
	DigestS3Object              string    `json:"digestS3Object"`
	DigestPublicKeyFingerprint  string    `json:"digestPublicKeyFingerprint"`
	DigestSignatureAlgorithm    string    `json:"digestSignatureAlgorithm"`
	NewestEventTime             *string   `json:"newestEventTime"`
	OldestEventTime             *string   `json:"oldestEventTime"`
	PreviousDigestS3Bucket      *string   `json:"previousDigestS3Bucket"`
	PreviousDigestS3Object      *string   `json:"previousDigestS3Object"`
	PreviousDigestHashValue     *string   `json:"previousDigestHashValue"`
	PreviousDigestHashAlgorithm *string   `json:"previousDigestHashAlgorithm"`
	PreviousDigestSignature     *string   `json:"previousDigestSignature"`
	LogFiles                    []logJSON `json:"logFiles"`
}

type logJSON struct {
	S3Bucket        string `json:"s3Bucket"`
	S3Object        string `json:"s3Object"`
	HashValue       string `json:"hashValue"`
	HashAlgorithm   string `json:"hashAlgorithm"`
	NewestEventTime string `json:"newestEventTime"`
	OldestEventTime string `json:"oldestEventTime"`
}

// parsedJSON tells what is absent. Some members have to be there and be null.
type parsedJSON struct {
	AWSAccountID               string          `json:"awsAccountId"`
	DigestStartTime            *string         `json:"digestStartTime"`
	DigestEndTime              *string         `json:"digestEndTime"`
	DigestS3Bucket             *string         `json:"digestS3Bucket"`
	DigestS3Object             *string         `json:"digestS3Object"`
	DigestPublicKeyFingerprint *string         `json:"digestPublicKeyFingerprint"`
	PreviousDigestS3Bucket     *string         `json:"previousDigestS3Bucket"`
	PreviousDigestS3Object     *string         `json:"previousDigestS3Object"`
	PreviousDigestHashValue    string          `json:"previousDigestHashValue"`
	PreviousDigestSignature    json.RawMessage `json:"previousDigestSignature"`
	LogFiles                   []parsedLog     `json:"logFiles"`
}

type parsedLog struct {
	S3Bucket  string `json:"s3Bucket"`
	S3Object  string `json:"s3Object"`
	HashValue string `json:"hashValue"`
}

const (
	hashAlgorithm      = "SHA-256"
	signatureAlgorithm = "SHA256withRSA"
	timeForm           = "2006-01-02T15:04:05Z"
)

// Parse reads the text of a digest file. Unknown members are of no interest.
func Parse(text []byte) (*File, error) {
	if j, ok := cut(text); ok {
		return j.file()
	}
	return parse(text)
}

// parse is Parse for any text, and slow.
func parse(text []byte) (*File, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("read digest: it is not UTF-8")
	}
	var j parsedJSON
	if err := json.Unmarshal(text, &j); err != nil {
		return nil, fmt.Errorf("read digest: %w", err)
	}
	return j.file()
}

// file checks what a text says.
func (j parsedJSON) file() (*File, error) {
	for _, m := range []struct {
		name string
		text *string
	}{
		{"digestStartTime", j.DigestStartTime}, {"digestEndTime", j.DigestEndTime}, {"digestS3Bucket", j.DigestS3Bucket},
		{"digestS3Object", j.DigestS3Object}, {"digestPublicKeyFingerprint", j.DigestPublicKeyFingerprint},
	} {
		if m.text == nil {
			return nil, fmt.Errorf("read digest: it has no %s", m.name)
		}
	}
	f := &File{
		Account: j.AWSAccountID, At: Ref{*j.DigestS3Bucket, *j.DigestS3Object}, Fingerprint: *j.DigestPublicKeyFingerprint, endText: *j.DigestEndTime,
	}
	var err error
	if f.Start, err = time.Parse(time.RFC3339, *j.DigestStartTime); err == nil {
		f.End, err = time.Parse(time.RFC3339, f.endText)
	}
	if err != nil {
		return nil, fmt.Errorf("read digest: %w", err)
	}
	if f.Start.After(f.End) {
		return nil, fmt.Errorf("read digest: it starts at %s and ends at %s", *j.DigestStartTime, f.endText)
	}
	switch raw := j.PreviousDigestSignature; {
	case raw == nil:
		return nil, errors.New("read digest: it has no previousDigestSignature")
	case string(raw) == "null":
		f.previousSignature = "null" // what CloudTrail signs for a null
	case raw[0] == '"' && plain(raw):
		f.previousSignature = string(raw[1 : len(raw)-1])
	default:
		if err := json.Unmarshal(raw, &f.previousSignature); err != nil {
			return nil, fmt.Errorf("read digest: previousDigestSignature: %w", err)
		}
	}
	if j.PreviousDigestS3Bucket != nil && j.PreviousDigestS3Object != nil {
		f.Previous = &Previous{Ref: Ref{*j.PreviousDigestS3Bucket, *j.PreviousDigestS3Object}, SHA256: j.PreviousDigestHashValue, Signature: f.previousSignature}
	}
	if j.LogFiles == nil {
		return nil, errors.New("read digest: it has no logFiles")
	}
	f.Logs = make([]Log, len(j.LogFiles))
	for i, l := range j.LogFiles {
		if l.S3Bucket == "" || l.S3Object == "" || l.HashValue == "" {
			return nil, fmt.Errorf("read digest: entry %d of logFiles lacks its place or hash", i)
		}
		f.Logs[i] = Log{Ref: Ref{l.S3Bucket, l.S3Object}, SHA256: l.HashValue}
	}
	return f, nil
}

// Encode returns the text of a digest file that says what f does.
func (f *File) Encode() ([]byte, error) {
	j := fileJSON{
		AWSAccountID: f.Account, DigestStartTime: f.Start.UTC().Format(timeForm), DigestEndTime: f.End.UTC().Format(timeForm),
		DigestS3Bucket: f.At.Bucket, DigestS3Object: f.At.Key,
		DigestPublicKeyFingerprint: f.Fingerprint, DigestSignatureAlgorithm: signatureAlgorithm, LogFiles: []logJSON{},
	}
	if p := f.Previous; p != nil {
		algorithm := hashAlgorithm
		j.PreviousDigestS3Bucket, j.PreviousDigestS3Object = &p.Bucket, &p.Key
		j.PreviousDigestHashValue, j.PreviousDigestHashAlgorithm, j.PreviousDigestSignature = &p.SHA256, &algorithm, &p.Signature
	}
	for _, l := range f.Logs {
		from, to := l.Oldest.UTC().Format(timeForm), l.Newest.UTC().Format(timeForm)
		// The form of the times sorts as they do.
		if j.OldestEventTime == nil || from < *j.OldestEventTime {
			j.OldestEventTime = &from
		}
		if j.NewestEventTime == nil || to > *j.NewestEventTime {
			j.NewestEventTime = &to
		}
		j.LogFiles = append(j.LogFiles, logJSON{
			S3Bucket: l.Bucket, S3Object: l.Key, HashValue: l.SHA256, HashAlgorithm: hashAlgorithm, OldestEventTime: from, NewestEventTime: to,
		})
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(j); err != nil {
		return nil, fmt.Errorf("encode digest: %w", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
