package custody

import (
	"traillake/lake/digest"
)

// Expected is what digests say of a log.
type Expected struct {
	// SHA256 is of the decompressed text, in hex.
	SHA256 string
	// Digest is the digest file that says so, which is valid.
	Digest digest.Ref
}

// Expect returns what valid digests say of the object. ok is false when none names it: it
// was delivered in a time without digests, its digest is not there yet or is not valid, or
// it is not from CloudTrail.
func (c *Chains) Expect(bucket, key string) (e Expected, ok bool) {
	x := c.named[id{bucket, key}]
	if x == nil || !x.by.Valid() {
		return Expected{}, false
	}
	return Expected{SHA256: x.sum, Digest: x.by.Ref()}, true
}
