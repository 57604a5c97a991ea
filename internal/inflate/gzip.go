package inflate

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"sync"
)

// ErrNotTaken says that a file has to be read otherwise: it is damaged, no gzip, or
// longer than was allowed.
var ErrNotTaken = errors.New("not taken")

const (
	headerSize  = 10
	trailerSize = 8
	// most is how many bytes one of DEFLATE can become: matches of 258 for two bits.
	most = 1032
)

var states = sync.Pool{New: func() any { return new(state) }}

// Gunzip appends the text of a gzip file, which may have several members, to dst, and
// returns it. If that is more than limit bytes, or the file is not what RFC 1952 asks for,
// the error is ErrNotTaken and the first result dst as it was; what lies behind it up to
// its capacity may have changed. Neither slice is kept.
func Gunzip(dst, file []byte, limit int) ([]byte, error) {
	s := states.Get().(*state)
	defer func() {
		s.in, s.out = nil, nil
		states.Put(s)
	}()
	s.in, s.next = file, 0
	s.out, s.at, s.max = dst[:cap(dst)], len(dst), len(dst)+limit
	if n := len(file); n >= trailerSize {
		// What the last member tells of its text is the length modulo 2^32: no more than
		// there is, unless the file is damaged.
		told := int64(binary.LittleEndian.Uint32(file[n-4:]))
		if told > int64(limit) || told/most <= int64(n) && s.grow(int(told)) != nil {
			return dst, ErrNotTaken
		}
	}
	for {
		if err := s.member(); err != nil {
			return dst, ErrNotTaken
		}
		if s.next == len(s.in) {
			return s.out[:s.at], nil
		}
	}
}

// member reads a header, a stream and a trailer, RFC 1952 section 2.3.
func (s *state) member() error {
	n, ok := header(s.in[s.next:])
	if !ok {
		return errDamaged
	}
	s.next += n
	start := s.at
	if err := s.stream(); err != nil {
		return err
	}
	if s.at > s.max {
		return errTooLong
	}
	if len(s.in)-s.next < trailerSize {
		return errDamaged
	}
	sum, size := binary.LittleEndian.Uint32(s.in[s.next:]), binary.LittleEndian.Uint32(s.in[s.next+4:])
	s.next += trailerSize
	text := s.out[start:s.at]
	if uint32(len(text)) != size || crc32.ChecksumIEEE(text) != sum {
		return errDamaged
	}
	return nil
}

// header returns the length of a header. One with a checksum of its own, which nobody
// writes, is not taken.
func header(in []byte) (n int, ok bool) {
	const (
		hasCRC = 1 << (iota + 1)
		hasExtra
		hasName
		hasComment
		reserved = 0xe0
	)
	if len(in) < headerSize || in[0] != 0x1f || in[1] != 0x8b || in[2] != 8 || in[3]&(reserved|hasCRC) != 0 {
		return 0, false
	}
	flags := in[3]
	n = headerSize
	if flags&hasExtra != 0 {
		if len(in) < n+2 {
			return 0, false
		}
		n += 2 + int(binary.LittleEndian.Uint16(in[n:]))
	}
	for _, field := range []byte{hasName, hasComment} {
		if flags&field == 0 {
			continue
		}
		for {
			if n >= len(in) {
				return 0, false
			}
			n++
			if in[n-1] == 0 {
				break
			}
		}
	}
	return n, n <= len(in)
}
