package inflate

import "encoding/binary"

// fast is block while neither end is near: a word of input can be read and the longest
// match be written without looking. It returns where one is, or at the end of the block.
func (s *state) fast() (ended bool, err error) {
	in, out := s.in, s.out
	lit, dist := &s.lit, &s.dist
	next, at, base, buf, have := s.next, s.at, s.base, s.buf, s.have
	lastIn, lastOut := len(in)-16, len(out)-slack // a word is read twice in a round
	for next <= lastIn && at <= lastOut {
		// Bits that are in buf beyond have are those that come next, and stay the same.
		buf |= binary.LittleEndian.Uint64(in[next:next+8]) << (have & 63)
		next += int((63 - have) >> 3)
		have |= 56
		e := lit[buf&(1<<litBits-1)]
		if e&literal != 0 { // 11 bits at most, as it is in the first table
			out[at] = byte(e >> 16)
			at++
			buf >>= e & 63
			have -= uint(e & 0xff)
			e = lit[buf&(1<<litBits-1)]
			if e&literal != 0 {
				out[at] = byte(e >> 16)
				at++
				buf >>= e & 63
				have -= uint(e & 0xff)
				e = lit[buf&(1<<litBits-1)]
				if e&literal != 0 {
					out[at] = byte(e >> 16)
					at++
					buf >>= e & 63
					have -= uint(e & 0xff)
					continue
				}
			}
		}
		if e&exceptional != 0 {
			if e&longer != 0 {
				buf >>= e & 63
				have -= uint(e & 0xff)
				e = lit[int(e>>16)+int(buf&(1<<(e>>8&0xf)-1))]
			}
			if e&literal != 0 {
				out[at] = byte(e >> 16)
				at++
				buf >>= e & 63
				have -= uint(e & 0xff)
				continue
			}
			if e&exceptional != 0 {
				if e&endOfBlock == 0 {
					return false, errDamaged
				}
				buf >>= e & 63
				have -= uint(e & 0xff)
				s.next, s.at, s.buf, s.have = next, at, buf, have
				return true, nil
			}
		}
		// A length: of the 56 bits are 34 left for its 20. A distance needs 28.
		length := int(e>>16) + int(buf&(1<<(e&63)-1)>>(e>>8&31))
		buf >>= e & 63
		have -= uint(e & 0xff)
		buf |= binary.LittleEndian.Uint64(in[next:next+8]) << (have & 63)
		next += int((63 - have) >> 3)
		have |= 56
		e = dist[buf&(1<<distBits-1)]
		if e&exceptional != 0 {
			if e&longer == 0 {
				return false, errDamaged
			}
			buf >>= e & 63
			have -= uint(e & 0xff)
			e = dist[int(e>>16)+int(buf&(1<<(e>>8&0xf)-1))]
			if e&exceptional != 0 {
				return false, errDamaged
			}
		}
		distance := int(e>>16) + int(buf&(1<<(e&63)-1)>>(e>>8&31))
		buf >>= e & 63
		have -= uint(e & 0xff)
		if distance > at-base {
			return false, errDamaged
		}
		from, to := at-distance, at
		at += length
		if distance >= 32 {
			for {
				src, dst := out[from:from+32], out[to:to+32]
				*(*[16]byte)(dst[0:16]) = *(*[16]byte)(src[0:16])
				*(*[16]byte)(dst[16:32]) = *(*[16]byte)(src[16:32])
				to += 32
				from += 32
				if to >= at {
					break
				}
			}
			continue
		}
		for to < at {
			out[to] = out[from]
			to++
			from++
		}
	}
	s.next, s.at, s.buf, s.have = next, at, buf, have
	return false, nil
}
