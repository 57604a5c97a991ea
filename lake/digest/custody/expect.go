package custody

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"traillake/lake/digest"
	"traillake/lake/source"
)

// Sums are what the valid digests of a source say of its logs. The text of digests is not kept,
// and nothing that garbage collection would go through for each log, as it does often in an
// ingest: a log takes about 100 bytes, and 50 for its name.
type Sums struct {
	of      map[[sha256.Size]byte]sum // by keyOf
	names   names                     // where logs lie
	digests []string                  // their names
	invalid []string
	source  source.Digests
	gone    []gone
	unread  []unread
	sound   map[[sha256.Size]byte]struct{} // valid digests, by keyOf
}

// sum is the hash of a log's text.
type sum struct {
	text  [sha256.Size]byte
	by    uint32 // index in Sums.digests
	other bool   // the digest says what is no SHA-256
}

// unread is a digest that could not be read.
type unread struct {
	key string
	err error
}

// Load reads and checks the digests of src, and returns what they say. A source that can have
// none has none. Those of the day before Options.From are read, too, so that the first day that is
// asked for is not the first that is seen: see Sums.Gone.
func Load(ctx context.Context, src source.Source, o Options) (*Sums, error) {
	var since time.Time
	if !o.From.IsZero() {
		since = day(o.From).AddDate(0, 0, -1)
	}
	c, err := load(ctx, src, o, since)
	if err != nil {
		return nil, err
	}
	s := &Sums{of: make(map[[sha256.Size]byte]sum), invalid: c.invalid(), source: c.digests, gone: c.gone(), sound: make(map[[sha256.Size]byte]struct{})}
	for k, d := range c.found {
		if d.Valid() {
			s.sound[keyOf(k.bucket, k.key)] = struct{}{}
		}
	}
	for k, err := range c.broken {
		if name, ok := digest.ParseName(k.key); ok && name.End.Before(o.From) {
			continue
		}
		if !slices.ContainsFunc(s.gone, func(g gone) bool { return g.id == k }) {
			s.unread = append(s.unread, unread{k.key, err})
		}
	}
	slices.SortFunc(s.unread, func(a, b unread) int { return strings.Compare(a.key, b.key) })
	var last *digest.Checked
	for k, said := range c.said() {
		if !said.by.Valid() {
			continue
		}
		if said.by != last {
			last = said.by
			s.digests = append(s.digests, last.Ref().String())
		}
		key := keyOf(k.bucket, k.key)
		if _, ok := s.of[key]; ok {
			continue // what the first one says counts
		}
		of := sum{by: uint32(len(s.digests) - 1), other: true}
		if text := said.log.SHA256; len(text) == 2*sha256.Size {
			_, err := hex.Decode(of.text[:], []byte(text))
			of.other = err != nil
		}
		s.of[key] = of
		s.names.add(k)
	}
	return s, nil
}

// keyOf hashes the name of a log, so that it is the same log wherever a copy of it lies; of others,
// where they lie.
func keyOf(bucket, key string) [sha256.Size]byte {
	if name, ok := source.LogName(filepath.ToSlash(key)); ok {
		return sha256.Sum256([]byte(name))
	}
	var room [512]byte // enough for most
	b := binary.LittleEndian.AppendUint64(room[:0], uint64(len(bucket)))
	return sha256.Sum256(append(append(b, bucket...), key...))
}

// Expected returns what valid digests say of an object of the source, or of the log that it has
// the name of: the hex SHA-256 of its decompressed text, and the digest file that says so. ok is false when none names it: it was
// delivered in a time without digests, its digest is not there yet or is not valid, or it is not
// from CloudTrail. Where the digest does not say a SHA-256, sha256 is none, so that no text has it.
func (s *Sums) Expected(bucket, key string) (sha256, digest string, ok bool) {
	of, ok := s.of[keyOf(bucket, key)]
	switch {
	case !ok:
		return "", "", false
	case of.other:
		return "no SHA-256", s.digests[of.by], true
	}
	return hex.EncodeToString(of.text[:]), s.digests[of.by], true
}

// Invalid calls f with each digest that is not valid, not there or not readable.
func (s *Sums) Invalid(f func(key string)) {
	for _, key := range s.invalid {
		f(key)
	}
}

func (c *chains) invalid() (keys []string) {
	for k := range c.broken {
		if name, ok := digest.ParseName(k.key); !ok || !name.End.Before(c.o.From) {
			keys = append(keys, digest.Ref{Bucket: k.bucket, Key: k.key}.String())
		}
	}
	for _, t := range c.trails {
		for _, m := range slices.Concat(t.chain.Missing, t.backfillChain.Missing) {
			keys = append(keys, m.Ref.String())
		}
		for _, d := range slices.Concat(t.standard, t.backfill) {
			if d.Invalid != nil && !d.Name.End.Before(c.o.From) {
				keys = append(keys, d.At.String())
			}
		}
	}
	return keys
}
