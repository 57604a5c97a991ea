package gen

import (
	"strconv"
	"time"
)

// A world is the organization whose logs a set holds. It is read-only once made.
type world struct {
	c         Config
	org       string
	accounts  []*account
	shares    []float64 // of the accounts, adding up to 1
	regions   sampler
	addresses []address
	catalog   *catalog
	clock     clock
	// serviceIndex finds the address of a service by its DNS name.
	serviceIndex map[string]int
	attack       *attack // nil without one
}

type account struct {
	index      int
	id         string
	name       string
	seed       uint64
	legacy     bool   // delivers copies of global events
	keys       string // the characters that all access keys and ids of the account share
	pools      [poolCount][]string
	principals []*principal
	byCalls    sampler // over principals, for management events
	byData     sampler // over principals, for data events
	outside    string  // account of the vendor whose scanner looks in
}

// An address is what sourceIPAddress can say. Services stand beside real addresses.
type address struct {
	text    []byte
	service bool
}

const secondTrailRegion = 1

func newWorld(c Config) *world {
	r := newRandom(mix(c.Seed, 1))
	w := &world{c: c, org: "o-" + string(appendOrg(nil, r)), catalog: newCatalog(), serviceIndex: map[string]int{}}
	total := 0.0
	for i := range c.Accounts {
		w.accounts = append(w.accounts, w.newAccount(r, i))
		w.shares = append(w.shares, 1/float64(i+1))
		total += w.shares[i]
	}
	for i := range w.shares {
		w.shares[i] /= total
	}
	var weights []float64
	for i := range c.Regions {
		weights = append(weights, 1/float64((i+1)*(i+1)))
	}
	w.regions = newSampler(weights)
	w.clock = newClock(c.Start, c.Days)
	for _, e := range w.catalog.events {
		w.service(e.source)
	}
	offices := []int{w.publicAddress(r), w.publicAddress(r), w.publicAddress(r)}
	for _, a := range w.accounts {
		w.people(r, a, offices)
		w.workloads(r, a)
		w.services(r, a)
		a.weigh()
	}
	if c.Attack {
		w.attack = newAttack(w, r)
	}
	return w
}

func appendOrg(dst []byte, r *random) []byte {
	for range 10 {
		dst = append(dst, "abcdefghijklmnopqrstuvwxyz0123456789"[r.below(36)])
	}
	return dst
}

func (w *world) newAccount(r *random, i int) *account {
	a := &account{index: i, id: accountID(r), name: accountNames[i%len(accountNames)], seed: r.u64(), outside: accountID(r)}
	if i >= len(accountNames) {
		a.name += strconv.Itoa(1 + i/len(accountNames))
	}
	a.keys = r.digits(8, keyDigits)
	a.legacy = w.c.GlobalCopies && i == min(2, w.c.Accounts-1)
	for k := range poolCount {
		for j := range poolSizes[k] {
			a.pools[k] = append(a.pools[k], poolName(k, a, j, mix(a.seed, uint64(k)<<32|uint64(j))))
		}
	}
	return a
}

func accountID(r *random) string {
	b := []byte{byte('1' + r.below(9))}
	for range 11 {
		b = append(b, byte('0'+r.below(10)))
	}
	return string(b)
}

// add puts an address into the world and returns its index.
func (w *world) add(text string, service bool) int {
	w.addresses = append(w.addresses, address{[]byte(text), service})
	return len(w.addresses) - 1
}

// service returns the index of a service's name among the addresses.
func (w *world) service(name string) int {
	i, ok := w.serviceIndex[name]
	if !ok {
		i = w.add(name, true)
		w.serviceIndex[name] = i
	}
	return i
}

// First octets of blocks that are mostly consumer and business lines, and of blocks
// that mostly belong to AWS.
var (
	lineOctets  = []int{24, 62, 71, 77, 81, 84, 86, 89, 92, 98, 109, 145, 176, 178, 188, 212, 213, 217}
	cloudOctets = []int{3, 13, 18, 34, 35, 44, 52, 54}
)

func (w *world) from(r *random, octets []int) int {
	text := strconv.Itoa(octets[r.below(len(octets))])
	for range 2 {
		text += "." + strconv.Itoa(r.below(255))
	}
	return w.add(text+"."+strconv.Itoa(1+r.below(254)), false)
}

func (w *world) publicAddress(r *random) int { return w.from(r, lineOctets) }
func (w *world) cloudAddress(r *random) int  { return w.from(r, cloudOctets) }

func (w *world) v6Address(r *random) int {
	text := "2a02"
	for range 7 {
		text += ":" + strconv.FormatUint(1+r.u64()%0xfffe, 16)
	}
	return w.add(text, false)
}

func (w *world) privateAddress(r *random) int {
	return w.add(string(appendPrivate(nil, r.u64())), false)
}

// A clock maps shares of the records to times, so that calls are dense in business
// hours and rare at night and at weekends.
type clock struct {
	start time.Time
	sums  []float64 // by hour
}

func newClock(start time.Time, days int) clock {
	c := clock{start: start}
	t := 0.0
	for h := range days * 24 {
		at := start.Add(time.Duration(h) * time.Hour)
		weight := 0.45 // machines never sleep
		if hour := at.Hour(); hour >= 7 && hour < 19 {
			weight = 1
			if hour >= 9 && hour < 17 {
				weight = 1.25
			}
		}
		if d := at.Weekday(); d == time.Saturday || d == time.Sunday {
			weight *= 0.5
		}
		t += weight
		c.sums = append(c.sums, t)
	}
	return c
}

// at returns the time by which share x of all records have happened.
func (c clock) at(x float64) int64 {
	// The conversion keeps processors that can from joining the product with the difference
	// below, which would round once where others round twice.
	x = float64(x * c.sums[len(c.sums)-1])
	low, high := 0, len(c.sums)-1
	for low < high {
		if mid := (low + high) / 2; c.sums[mid] > x {
			high = mid
		} else {
			low = mid + 1
		}
	}
	before := 0.0
	if low > 0 {
		before = c.sums[low-1]
	}
	part := (x - before) / (c.sums[low] - before)
	return c.start.Unix() + int64(low)*3600 + int64(min(part, 0.9999)*3600)
}

// quiet reports whether people sleep or have a day off.
func quiet(unix int64) bool {
	t := time.Unix(unix, 0).UTC()
	d, h := t.Weekday(), t.Hour()
	return d == time.Saturday || d == time.Sunday || h < 6 || h > 19
}
