package custody

import "slices"

// Expected returns what valid digests say of an object of the source: the hex SHA-256 of its
// decompressed text, and the digest file that says so. ok is false when none names it: it was
// delivered in a time without digests, its digest is not there yet or is not valid, or it is not
// from CloudTrail.
func (c *Chains) Expected(bucket, key string) (sha256, digest string, ok bool) {
	x := c.named[id{bucket, key}]
	if x == nil || !x.by.Valid() {
		return "", "", false
	}
	return x.sum, x.by.Ref().String(), true
}

// Invalid returns the number of digests that are not valid, missing or not readable.
func (c *Chains) Invalid() int64 {
	n := int64(len(c.broken))
	for _, t := range c.trails {
		n += int64(len(t.chain.Missing) + len(t.backfillChain.Missing))
		for _, d := range slices.Concat(t.standard, t.backfill) {
			if d.Invalid != nil {
				n++
			}
		}
	}
	return n
}
