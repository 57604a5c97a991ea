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

const (
	hashAlgorithm      = "SHA-256"
	signatureAlgorithm = "SHA256withRSA"
	timeForm           = "2006-01-02T15:04:05Z"
)

// Parse reads the text of a digest file. Members must be spelled exactly; unknown ones are
// of no interest.
func Parse(text []byte) (*File, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("read digest: it is not UTF-8")
	}
	members, err := exact(text)
	if err != nil {
		return nil, fmt.Errorf("read digest: %w", err)
	}
	f := &File{}
	var signature, bucket, key, hash *string
	var start string
	for _, m := range []struct {
		name     string
		into     any
		required bool
	}{
		{"awsAccountId", &f.Account, false},
		{"digestStartTime", &start, true},
		{"digestEndTime", &f.endText, true},
		{"digestS3Bucket", &f.At.Bucket, true},
		{"digestS3Object", &f.At.Key, true},
		{"digestPublicKeyFingerprint", &f.Fingerprint, true},
		{"previousDigestSignature", &signature, true},
		{"previousDigestS3Bucket", &bucket, false},
		{"previousDigestS3Object", &key, false},
		{"previousDigestHashValue", &hash, false},
	} {
		raw, ok := members[m.name]
		if !ok && m.required {
			return nil, fmt.Errorf("read digest: it has no %s", m.name)
		}
		if ok {
			if err := json.Unmarshal(raw, m.into); err != nil {
				return nil, fmt.Errorf("read digest: %s: %w", m.name, err)
			}
		}
	}
	if f.Start, err = time.Parse(time.RFC3339, start); err == nil {
		f.End, err = time.Parse(time.RFC3339, f.endText)
	}
	if err != nil {
		return nil, fmt.Errorf("read digest: %w", err)
	}
	if f.Start.After(f.End) {
		return nil, fmt.Errorf("read digest: it starts at %s and ends at %s", start, f.endText)
	}
	f.previousSignature = "null" // what CloudTrail signs for a null
	if signature != nil {
		f.previousSignature = *signature
	}
	if bucket != nil && key != nil {
		f.Previous = &Previous{Ref: Ref{*bucket, *key}, Signature: f.previousSignature}
		if hash != nil {
			f.Previous.SHA256 = *hash
		}
	}
	if f.Logs, err = parseLogs(members["logFiles"]); err != nil {
		return nil, fmt.Errorf("read digest: %w", err)
	}
	return f, nil
}

func parseLogs(raw json.RawMessage) ([]Log, error) {
	if raw == nil {
		return nil, errors.New("it has no logFiles")
	}
	var list []map[string]json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("logFiles: %w", err)
	}
	logs := make([]Log, len(list))
	for i, members := range list {
		l := &logs[i]
		for _, m := range []struct {
			name string
			into *string
		}{{"s3Bucket", &l.Bucket}, {"s3Object", &l.Key}, {"hashValue", &l.SHA256}} {
			if err := json.Unmarshal(members[m.name], m.into); err != nil || *m.into == "" {
				return nil, fmt.Errorf("logFiles: entry %d: %s is missing or no text", i, m.name)
			}
		}
	}
	return logs, nil
}

// exact returns the members of an object by their exact names, which encoding/json's
// structs do not tell from others that differ in case.
func exact(text []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(text))
	if err := dec.Decode(&members); err != nil {
		return nil, err
	}
	if members == nil {
		return nil, errors.New("it is null")
	}
	if rest := bytes.TrimSpace(text[dec.InputOffset():]); len(rest) > 0 {
		return nil, errors.New("something follows the JSON object")
	}
	return members, nil
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
