package gen

import (
	"crypto/rsa"
	"math/big"
)

// newKey makes the RSA key of a seed, so that the same Config gives the same signatures.
// It is a key for tests: whoever knows the seed has it.
func newKey(seed uint64) *rsa.PrivateKey {
	r := newRandom(seed)
	const e = 65537
	one := big.NewInt(1)
	prime := func() *big.Int {
		for {
			b := make([]byte, 128)
			for i := range b {
				b[i] = byte(r.below(256))
			}
			b[0] |= 0xc0 // so that the product of two has 2048 bits
			b[127] |= 1
			p := new(big.Int).SetBytes(b)
			// The test of Baillie and PSW alone is enough for a key that guards nothing.
			if p.ProbablyPrime(0) && new(big.Int).Mod(new(big.Int).Sub(p, one), big.NewInt(e)).Sign() != 0 {
				return p
			}
		}
	}
	p, q := prime(), prime()
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: e},
		D:         new(big.Int).ModInverse(big.NewInt(e), phi),
		Primes:    []*big.Int{p, q},
	}
	key.Precompute()
	if err := key.Validate(); err != nil {
		panic("BUG: " + err.Error())
	}
	return key
}
