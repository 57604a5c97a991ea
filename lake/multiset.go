package lake

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/zeebo/xxh3"

	"traillake/schema"
)

// Multiset is a hash of events in whatever order: the sum modulo 2^128 of a hash of each
// event's eventID, recipientAccountId and eventTime. The zero value is that of no events.
// It is kept of every source object, as decoded, and of every data file, as written; that
// both sums are equal shows that no event was lost, doubled or exchanged on its way.
//
// It is there to find our own mistakes, which do not look for collisions: an error goes
// unseen with a chance of 2^-128. Against somebody who does look, a sum of SHA-256 would
// not help either; files and ledgers have a SHA-256 each, in chains, for that.
// The 128-bit XXH3 costs about 1 % of an ingest, SHA-256 would several.
type Multiset struct{ hi, lo uint64 }

// Add adds the events of o.
func (m *Multiset) Add(o Multiset) {
	var carry uint64
	m.lo, carry = bits.Add64(m.lo, o.lo, 0)
	m.hi, _ = bits.Add64(m.hi, o.hi, carry)
}

// String returns the hash as 32 hexadecimal digits.
func (m Multiset) String() string { return fmt.Sprintf("%016x%016x", m.hi, m.lo) }

// MarshalText implements encoding.TextMarshaler.
func (m Multiset) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *Multiset) UnmarshalText(text []byte) error {
	var b [16]byte
	if n, err := hex.Decode(b[:], text[:min(len(text), 32)]); err != nil || n != len(b) || len(text) != 32 {
		return fmt.Errorf("%q is no multiset hash", text)
	}
	m.hi, m.lo = binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
	return nil
}

// multisetSum adds up events. The zero value is ready.
type multisetSum struct {
	Multiset
	buf []byte
}

// addEvent adds an event; what it lacks is empty. Time is in microseconds since 1970.
func addEvent[T string | []byte](s *multisetSum, id, account T, time int64) {
	b := binary.LittleEndian.AppendUint64(s.buf[:0], uint64(time))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(id)))
	b = append(append(b, id...), account...)
	s.buf = b
	h := xxh3.Hash128(b)
	s.Add(Multiset{h.Hi, h.Lo})
}

// columns adds the events of rows, given as the columns eventid, recipientaccountid and
// eventtime.
func (s *multisetSum) columns(ids, accounts, times arrow.Array) error {
	at, ok := times.(*array.Timestamp)
	if !ok {
		return errors.New("column eventtime holds no times")
	}
	id, account := textValue(ids), textValue(accounts)
	for i := range at.Len() {
		var a, b string
		if ids.IsValid(i) {
			a = id(i)
		}
		if accounts.IsValid(i) {
			b = account(i)
		}
		addEvent(s, a, b, int64(at.Value(i)))
	}
	return nil
}

// multisetColumns are the columns that a multiset hash is made of, in the order in which
// multisetSum.columns wants them.
var multisetColumns = [3]string{schema.ColEventID, "recipientaccountid", schema.ColEventTime}

// MultisetOf returns the hash of the rows of record batches, whose columns are those of
// Store.Schema, where text may be a dictionary.
func MultisetOf(batches ...arrow.RecordBatch) (Multiset, error) {
	var s multisetSum
	for _, b := range batches {
		var c [3]arrow.Array
		for i, name := range multisetColumns {
			at := b.Schema().FieldIndices(name)
			if len(at) != 1 {
				return Multiset{}, fmt.Errorf("%w: record batch has no column %s", ErrInvalid, name)
			}
			c[i] = b.Column(at[0])
		}
		if err := s.columns(c[0], c[1], c[2]); err != nil {
			return Multiset{}, fmt.Errorf("%w: %w", ErrInvalid, err)
		}
	}
	return s.Multiset, nil
}
