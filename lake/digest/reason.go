package digest

import "fmt"

// Reason is why a digest or a log is not valid. The zero value means that it is.
type Reason string

// The reasons that validate-logs of the AWS CLI knows, in its words.
const (
	// InvalidFormat is of a file that is no gzip, no JSON, or lacks something.
	InvalidFormat Reason = "invalid format"
	// SignatureFailed is of a digest whose signature is missing or that of another text.
	SignatureFailed Reason = "signature verification failed"
	// Moved is of a digest that says it lies elsewhere.
	Moved Reason = "has been moved from its original location"
	// KeyNotFound is of a digest whose public key is not among those that are known.
	KeyNotFound Reason = "public key not found"
	// KeyUnreadable is of a digest whose public key is no PKCS #1 key.
	KeyUnreadable Reason = "Unable to load PKCS #1 key"
	// NotFound is of a digest or log that is named and is not there.
	NotFound Reason = "not found"
	// HashMismatch is of a log whose text is not the one that was delivered.
	HashMismatch Reason = "hash value doesn't match"
	// TrailingData is of a log with bytes behind its gzip stream.
	TrailingData Reason = "unexpected data after end of compressed stream"
)

// The reasons that validate-logs does not look for.
const (
	// NotNamed is of a digest with a valid signature that is not the one that the next
	// digest names: its hash or its signature is another.
	NotNamed Reason = "not the digest that the next one names"
	// OffChain is of a digest with a valid signature beside a chain that goes round it.
	OffChain Reason = "not part of the chain of digests"
	// Unlisted is of a log that was delivered in a time that valid digests cover and that
	// none of them names.
	Unlisted Reason = "no digest names it"
)

// Invalid is the error of a digest or log that is not valid.
type Invalid struct {
	// Reason is why.
	Reason Reason
	// Detail says more, as validate-logs would; else it is empty.
	Detail string
	// Err is what was wrong with the bytes, if that is known.
	Err error
}

// Verdict returns the words of validate-logs that follow the name of the object.
func (e *Invalid) Verdict() string { return "INVALID: " + string(e.Reason) + e.Detail }

func (e *Invalid) Error() string {
	if e.Err != nil {
		return e.Verdict() + ": " + e.Err.Error()
	}
	return e.Verdict()
}

func (e *Invalid) Unwrap() error { return e.Err }

func keyNotFound(region, fingerprint string) *Invalid {
	return &Invalid{Reason: KeyNotFound, Detail: fmt.Sprintf(" in region %s for fingerprint %s", region, fingerprint)}
}
