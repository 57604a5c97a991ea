package duck

import (
	"encoding/binary"
	"fmt"
	"math/big"
	"strings"

	"github.com/google/uuid"
)

// uuidText reads a 128-bit integer whose highest bit is flipped, so that it sorts.
func uuidText(_ *column, p []byte) string {
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], binary.LittleEndian.Uint64(p[8:])^(1<<63))
	binary.BigEndian.PutUint64(id[8:], binary.LittleEndian.Uint64(p[:8]))
	return id.String()
}

func uhugeintText(_ *column, p []byte) string {
	var be [16]byte
	for i := range be {
		be[i] = p[15-i]
	}
	return new(big.Int).SetBytes(be[:]).String()
}

// intervalText writes an interval as DuckDB does: 1 year 2 months 3 days 04:05:06.7.
func intervalText(_ *column, p []byte) string {
	months := int32(binary.LittleEndian.Uint32(p))
	days := int32(binary.LittleEndian.Uint32(p[4:]))
	micros := int64(binary.LittleEndian.Uint64(p[8:]))
	var parts []string
	add := func(n int32, unit string) {
		switch n {
		case 0:
		case 1, -1:
			parts = append(parts, fmt.Sprintf("%d %s", n, unit))
		default:
			parts = append(parts, fmt.Sprintf("%d %ss", n, unit))
		}
	}
	add(months/12, "year")
	add(months%12, "month")
	add(days, "day")
	if micros != 0 || len(parts) == 0 {
		parts = append(parts, clockText(micros))
	}
	return strings.Join(parts, " ")
}

// clockText writes microseconds as [-]hh:mm:ss[.f], where hours may pass 99.
func clockText(micros int64) string {
	sign, u := "", uint64(micros)
	if micros < 0 {
		sign, u = "-", -u
	}
	s := u / 1e6
	out := fmt.Sprintf("%s%02d:%02d:%02d", sign, s/3600, s/60%60, s%60)
	if f := u % 1e6; f != 0 {
		out += strings.TrimRight(fmt.Sprintf(".%06d", f), "0")
	}
	return out
}

// timeTZText reads 40 bits of microseconds over 24 bits of offset, which is stored
// as its distance from the largest one, 15:59:59, so that it sorts.
func timeTZText(_ *column, p []byte) string {
	const maxOffset = 16*3600 - 1
	v := binary.LittleEndian.Uint64(p)
	micros, offset := int64(v>>24), maxOffset-int64(v&(1<<24-1))
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	out := fmt.Sprintf("%s%s%02d", clockText(micros), sign, offset/3600)
	if m := offset / 60 % 60; m != 0 || offset%60 != 0 {
		out += fmt.Sprintf(":%02d", m)
	}
	if s := offset % 60; s != 0 {
		out += fmt.Sprintf(":%02d", s)
	}
	return out
}

func enumText(c *column, p []byte) string {
	var i uint64
	for k := len(p) - 1; k >= 0; k-- {
		i = i<<8 | uint64(p[k])
	}
	return c.names[i]
}

// appendBits writes a bit string: the first byte says how many bits at the start of
// the second are padding.
func appendBits(dst, p []byte) []byte {
	if len(p) == 0 {
		return dst
	}
	for i := int(p[0]); i < 8*(len(p)-1); i++ {
		dst = append(dst, '0'+p[1+i/8]>>(7-i%8)&1)
	}
	return dst
}
