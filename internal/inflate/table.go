package inflate

import "math/bits"

// An entry of a table tells what to do when its code comes next:
//
//	bits 0-7    how many bits to consume, extra bits included
//	bits 8-12   how many of them are the code: the extra bits stand above
//	bits 16-30  the value of a literal, the base of a length or a distance, or where
//	            the table of longer codes starts
//	bit 31      a literal
//	bit 15      exceptional: the end of the block, longer codes, or no code at all
//	bit 14      of these: longer codes, whose table has 2^(bits 8-12) entries
//	bit 13      of these: the end of the block
//
// Zero is not an entry.
type entry uint32

const (
	literal     entry = 1 << 31
	exceptional entry = 1 << 15
	longer      entry = 1 << 14
	endOfBlock  entry = 1 << 13
)

const (
	maxCode  = 15 // bits, RFC 1951 section 3.2.7
	lenBits  = 7  // index of the table of code lengths, whose codes are no longer
	litBits  = 11
	distBits = 8
	// What tables take with those of longer codes, at most. An incomplete code is not
	// taken, so that 288 symbols of up to 15 bits need 2,342 entries and 32 need 402
	// (the program enough of zlib counts them); build looks all the same.
	litSize  = 2400
	distSize = 512
)

// litEntries, distEntries and lenEntries are the entries of symbols without the lengths
// of their codes.
var litEntries, distEntries, lenEntries = symbols()

func symbols() (lit [288]entry, dist [32]entry, lens [19]entry) {
	for i := range 256 {
		lit[i] = literal | entry(i)<<16
	}
	lit[256] = exceptional | endOfBlock
	// RFC 1951 section 3.2.5: four codes for each number of extra bits, from the ninth
	// on, and one last length of its own.
	base := 3
	for i := range 28 {
		extra := max(0, i/4-1)
		lit[257+i] = entry(base)<<16 | entry(extra)
		base += 1 << extra
	}
	lit[285] = 258 << 16
	lit[286], lit[287] = exceptional, exceptional
	base = 1
	for i := range 30 {
		extra := max(0, i/2-1)
		dist[i] = entry(base)<<16 | entry(extra)
		base += 1 << extra
	}
	dist[30], dist[31] = exceptional, exceptional
	for i := range lens {
		lens[i] = entry(i) << 16
	}
	return lit, dist, lens
}

// withCode returns the entry of a symbol whose code has n bits in this table.
func withCode(e entry, n int) entry { return e + entry(n)<<8 + entry(n) }

// build makes the table of the code whose symbols have these lengths (RFC 1951 section
// 3.2.2), and says whether it could: not of a code that has too many symbols, or too few
// but for the one of a single symbol, or none.
func build(table []entry, index int, lengths []uint8, symbols []entry) bool {
	var count [maxCode + 1]int
	for _, n := range lengths {
		count[n]++
	}
	used := len(lengths) - count[0]
	if used <= 1 {
		return buildSingle(table[:1<<index], lengths, symbols)
	}
	room := 1
	var from [maxCode + 2]int
	for n := 1; n <= maxCode; n++ {
		room = room<<1 - count[n]
		if room < 0 {
			return false
		}
		from[n+1] = from[n] + count[n]
	}
	if room != 0 {
		return false
	}
	var sorted [288]uint16
	for s, n := range lengths {
		if n > 0 {
			sorted[from[n]] = uint16(s)
			from[n]++
		}
	}
	// Codes are read from their lowest bit, so they count with their bits reversed. The
	// table of n bits is that of n-1 bits twice, and then the codes of n bits.
	n := 1
	for count[n] == 0 {
		n++
	}
	code, end, next := 0, 1<<min(n, index), 0
	for n <= index {
		for ; count[n] > 0; count[n]-- {
			table[code] = withCode(symbols[sorted[next]], n)
			next++
			if code == 1<<n-1 { // the last one
				for ; end < 1<<index; end <<= 1 {
					copy(table[end:], table[:end])
				}
				return true
			}
			code = following(code, n)
		}
		for n++; n <= index; n++ {
			copy(table[end:], table[:end])
			end <<= 1
			if count[n] > 0 {
				break
			}
		}
	}
	for count[n] == 0 {
		n++
	}
	prefix, start := -1, 0
	for {
		if first := code & (1<<index - 1); first != prefix {
			// A table for all codes that begin so: as many bits as make it complete.
			prefix, start = first, end
			size := n - index
			for space := count[n]; space < 1<<size && index+size < maxCode; {
				size++
				space = space<<1 + count[index+size]
			}
			end = start + 1<<size
			if end > len(table) {
				return false
			}
			table[prefix] = exceptional | longer | entry(start)<<16 | entry(size)<<8 | entry(index)
		}
		e := withCode(symbols[sorted[next]], n-index)
		next++
		for i := start + code>>index; i < end; i += 1 << (n - index) {
			table[i] = e
		}
		if code == 1<<n-1 {
			return true
		}
		code = following(code, n)
		for count[n]--; count[n] == 0; {
			n++
		}
	}
}

// following returns the code of n bits, reversed, that follows one that is not the last.
func following(code, n int) int {
	bit := 1 << (bits.Len(uint(code^(1<<n-1))) - 1)
	return code&(bit-1) | bit
}

// buildSingle makes the table of no symbol, or of one whose code is a zero bit.
func buildSingle(table []entry, lengths []uint8, symbols []entry) bool {
	for i := range table {
		table[i] = exceptional
	}
	for s, n := range lengths {
		if n > 1 {
			return false
		}
		if n == 1 {
			for i := 0; i < len(table); i += 2 {
				table[i] = withCode(symbols[s], 1)
			}
		}
	}
	return true
}
