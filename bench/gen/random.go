package gen

import (
	"math/bits"
	"math/rand/v2"
	"sort"
)

// random is a source of random values that depends on its seed only.
type random struct{ pcg rand.PCG }

func newRandom(seed uint64) *random {
	r := &random{}
	r.pcg.Seed(seed, mix(seed, 0x9e37))
	return r
}

func (r *random) u64() uint64 { return r.pcg.Uint64() }

// below returns a value in [0,n); n is at least 1.
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.pcg.Uint64(), uint64(n))
	return int(hi)
}

// unit returns a value in [0,1).
func (r *random) unit() float64 { return float64(r.pcg.Uint64()>>11) / (1 << 53) }

func (r *random) chance(p float64) bool { return p > 0 && r.unit() < p }

// skewed returns a value in [0,n) of which low ones are frequent.
func (r *random) skewed(n int) int {
	x := r.unit()
	return int(x * x * x * float64(n))
}

// mix hashes two values into one (the finalizer of splitmix64).
func mix(a, b uint64) uint64 {
	x := a*0x9e3779b97f4a7c15 + b + 0x632be59bd9b4e019
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return x ^ x>>31
}

func mixString(a uint64, s string) uint64 {
	for i := range len(s) {
		a = mix(a, uint64(s[i]))
	}
	return a
}

// sampler draws indexes by weight.
type sampler struct{ sums []float64 }

func newSampler(weights []float64) sampler {
	sums := make([]float64, len(weights))
	t := 0.0
	for i, w := range weights {
		t += w
		sums[i] = t
	}
	return sampler{sums}
}

func (s sampler) empty() bool { return len(s.sums) == 0 || s.sums[len(s.sums)-1] == 0 }

func (s sampler) draw(r *random) int {
	x := r.unit() * s.sums[len(s.sums)-1]
	i := sort.Search(len(s.sums), func(i int) bool { return s.sums[i] > x })
	return min(i, len(s.sums)-1)
}

const (
	hexDigits    = "0123456789abcdef"
	upperDigits  = "0123456789ABCDEF"
	base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	urlDigits    = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	// keyDigits are the characters of access keys and unique ids.
	keyDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
)

// appendHex appends the lowest n hexadecimal digits of v.
func appendHex(dst []byte, v uint64, n int) []byte {
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, hexDigits[v>>(4*uint(i))&15])
	}
	return dst
}

func appendUUID(dst []byte, hi, lo uint64, digits string) []byte {
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(3<<62) | 2<<62
	for i := 15; i >= 0; i-- {
		dst = append(dst, digits[hi>>(4*uint(i))&15])
		if i == 8 || i == 4 || i == 0 {
			dst = append(dst, '-')
		}
	}
	for i := 15; i >= 0; i-- {
		dst = append(dst, digits[lo>>(4*uint(i))&15])
		if i == 12 {
			dst = append(dst, '-')
		}
	}
	return dst
}

// appendDigits appends n random digits out of a power of two of them.
func (r *random) appendDigits(dst []byte, n int, digits string) []byte {
	width := bits.TrailingZeros(uint(len(digits)))
	mask := uint64(len(digits) - 1)
	for n > 0 {
		v := r.u64()
		for used := width; used <= 64 && n > 0; used += width {
			dst = append(dst, digits[v&mask])
			v >>= uint(width)
			n--
		}
	}
	return dst
}

func (r *random) digits(n int, digits string) string { return string(r.appendDigits(nil, n, digits)) }
