package inflate

import (
	"encoding/binary"
	"errors"
	"slices"
	"sync"
)

var (
	errDamaged = errors.New("damaged")
	errTooLong = errors.New("too long")
)

const (
	maxMatch = 258
	// slack is how many bytes of the output stay free in the fast loop: three literals,
	// a match, and what copying whole words writes beyond it.
	slack = 3 + maxMatch + 64
)

// order is that of the lengths of the codes of code lengths, RFC 1951 section 3.2.7.
var order = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// state is a stream while it is read. What the tables hold outlives a block.
type state struct {
	in   []byte
	next int    // in in: the first byte that is not in buf
	buf  uint64 // bits that come next, the first one lowest
	have uint   // of which so many count
	out  []byte // all of its length may be written
	at   int    // in out
	base int    // in out: where the stream begins; distances reach no further
	max  int    // of at

	lit     [litSize]entry
	dist    [distSize]entry
	lens    [1 << lenBits]entry
	lengths [286 + 30]uint8
}

// stream inflates one DEFLATE stream.
func (s *state) stream() error {
	s.buf, s.have, s.base = 0, 0, s.at
	for {
		if !s.want(3) {
			return errDamaged
		}
		last, kind := s.take(1), s.take(2)
		var err error
		switch kind {
		case 0:
			err = s.stored()
		case 1:
			f := fixed()
			s.lit, s.dist = f.lit, f.dist
			err = s.block()
		case 2:
			if err = s.dynamic(); err == nil {
				err = s.block()
			}
		default:
			err = errDamaged
		}
		if err != nil {
			return err
		}
		if last == 1 {
			s.align()
			return nil
		}
	}
}

// want makes sure that n bits, 48 at most, are in buf, unless the input ends before.
func (s *state) want(n uint) bool {
	for s.have < n && s.next < len(s.in) {
		s.buf |= uint64(s.in[s.next]) << s.have
		s.next++
		s.have += 8
	}
	return s.have >= n
}

func (s *state) take(n uint) int {
	v := s.buf & (1<<n - 1)
	s.buf >>= n
	s.have -= n
	return int(v)
}

// align drops the bits up to the next byte, and gives whole bytes back to the input.
func (s *state) align() {
	s.next -= int(s.have / 8)
	s.buf, s.have = 0, 0
}

// grow makes room for n bytes and slack.
func (s *state) grow(n int) error {
	if s.at+n > s.max {
		return errTooLong
	}
	if s.at+n+slack > len(s.out) {
		s.out = slices.Grow(s.out[:s.at], max(n+slack, s.at/2))
		s.out = s.out[:cap(s.out)]
	}
	return nil
}

func (s *state) stored() error {
	s.align()
	if len(s.in)-s.next < 4 {
		return errDamaged
	}
	n := binary.LittleEndian.Uint16(s.in[s.next:])
	if n != ^binary.LittleEndian.Uint16(s.in[s.next+2:]) {
		return errDamaged
	}
	s.next += 4
	if len(s.in)-s.next < int(n) {
		return errDamaged
	}
	if err := s.grow(int(n)); err != nil {
		return err
	}
	copy(s.out[s.at:], s.in[s.next:s.next+int(n)])
	s.at += int(n)
	s.next += int(n)
	return nil
}

// fixed has the tables of RFC 1951 section 3.2.6, in which small files are written.
var fixed = sync.OnceValue(func() *state {
	var lit [288]uint8
	for i := range lit {
		switch {
		case i < 144:
			lit[i] = 8
		case i < 256:
			lit[i] = 9
		case i < 280:
			lit[i] = 7
		default:
			lit[i] = 8
		}
	}
	var dist [32]uint8
	for i := range dist {
		dist[i] = 5
	}
	s := new(state)
	build(s.lit[:], litBits, lit[:], litEntries[:])
	build(s.dist[:], distBits, dist[:], distEntries[:])
	return s
})

// dynamic reads the tables of RFC 1951 section 3.2.7.
func (s *state) dynamic() error {
	if !s.want(14) {
		return errDamaged
	}
	nlit, ndist, nlens := 257+s.take(5), 1+s.take(5), 4+s.take(4)
	if nlit > 286 || ndist > 30 {
		return errDamaged
	}
	var lens [19]uint8
	for _, i := range order[:nlens] {
		if !s.want(3) {
			return errDamaged
		}
		lens[i] = uint8(s.take(3))
	}
	if !build(s.lens[:], lenBits, lens[:], lenEntries[:]) {
		return errDamaged
	}
	lengths := s.lengths[:nlit+ndist]
	for i := 0; i < len(lengths); {
		s.want(lenBits + 7)
		e := s.lens[s.buf&(1<<lenBits-1)]
		if e&exceptional != 0 || s.have < uint(e&0xff) {
			return errDamaged
		}
		s.take(uint(e & 0xff))
		symbol := int(e >> 16)
		if symbol < 16 {
			lengths[i] = uint8(symbol)
			i++
			continue
		}
		var value uint8
		extra, least := uint(2), 3
		switch symbol {
		case 16:
			if i == 0 {
				return errDamaged
			}
			value = lengths[i-1]
		case 17:
			extra = 3
		default:
			extra, least = 7, 11
		}
		if s.have < extra {
			return errDamaged
		}
		n := least + s.take(extra)
		if n > len(lengths)-i {
			return errDamaged
		}
		for ; n > 0; n-- {
			lengths[i] = value
			i++
		}
	}
	if !build(s.lit[:], litBits, lengths[:nlit], litEntries[:]) || !build(s.dist[:], distBits, lengths[nlit:], distEntries[:]) {
		return errDamaged
	}
	return nil
}

// block reads symbols up to the end of a block.
func (s *state) block() error {
	for {
		if err := s.grow(0); err != nil {
			return err
		}
		if len(s.in)-s.next >= 16 {
			switch ended, err := s.fast(); {
			case err != nil:
				return err
			case ended:
				return nil
			}
			// Either end is near.
			if s.at > len(s.out)-slack {
				if err := s.grow(1); err != nil {
					return err
				}
				continue
			}
		}
		if ended, err := s.symbol(); ended || err != nil {
			return err
		}
	}
}

// symbol reads one literal or match, or the end of the block, with nothing taken for
// granted about the input. There is slack in the output.
func (s *state) symbol() (ended bool, err error) {
	s.want(48)
	e := s.lit[s.buf&(1<<litBits-1)]
	if e&longer != 0 && e&exceptional != 0 {
		e = s.resolve(e, s.lit[:])
	}
	code, ok := s.consume(e)
	switch {
	case !ok:
		return false, errDamaged
	case e&literal != 0:
		s.out[s.at] = byte(e >> 16)
		s.at++
		return false, nil
	case e&exceptional != 0:
		if e&endOfBlock == 0 {
			return false, errDamaged
		}
		return true, nil
	}
	length := int(e>>16) + code
	e = s.dist[s.buf&(1<<distBits-1)]
	if e&longer != 0 && e&exceptional != 0 {
		e = s.resolve(e, s.dist[:])
	}
	code, ok = s.consume(e)
	if !ok || e&exceptional != 0 {
		return false, errDamaged
	}
	distance := int(e>>16) + code
	if distance > s.at-s.base {
		return false, errDamaged
	}
	for ; length > 0; length-- {
		s.out[s.at] = s.out[s.at-distance]
		s.at++
	}
	return false, nil
}

// resolve consumes the first part of a longer code and returns the entry of the rest.
func (s *state) resolve(e entry, table []entry) entry {
	if s.have < uint(e&0xff) {
		return exceptional
	}
	s.take(uint(e & 0xff))
	size := e >> 8 & 0x1f
	return table[int(e>>16)+int(s.buf&(1<<size-1))]
}

// consume drops the bits of an entry and returns the value of the extra ones.
func (s *state) consume(e entry) (extra int, ok bool) {
	all, code := uint(e&0xff), uint(e>>8&0x1f)
	if s.have < all {
		return 0, false
	}
	return s.take(all) >> code, true
}
