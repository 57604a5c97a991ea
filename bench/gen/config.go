package gen

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Config says what set of logs to make. The zero value is not valid; start from
// DefaultConfig.
type Config struct {
	// Records is the number of records to write, copies included.
	Records int `json:"records"`
	// Seed selects one of 2^64 sets.
	Seed uint64 `json:"seed"`
	// Accounts and Regions are how many take part; activity falls off from the
	// first to the last. us-east-1 is always the first region.
	Accounts int `json:"accounts"`
	Regions  int `json:"regions"`
	// Start is the first instant of the period, which lasts Days days.
	Start time.Time `json:"start"`
	Days  int       `json:"days"`
	// Organization puts the logs under an organization trail's prefix:
	// AWSLogs/o-…/account/.
	Organization bool `json:"organization"`
	// DataEvents is the share of records that are data events of S3, Lambda and
	// DynamoDB, about, between 0 and 0.9.
	DataEvents float64 `json:"dataEvents"`
	// Insights and NetworkActivity add the folders CloudTrail-Insight and
	// CloudTrail-NetworkActivity.
	Insights        bool `json:"insights"`
	NetworkActivity bool `json:"networkActivity"`
	// GlobalCopies makes one account deliver as multi-region trails did before
	// 2021-11-22: events of IAM, CloudFront and the global endpoint of STS go to
	// the log of every region. The same account has a second trail, for one
	// region and global events, in the folder SecondTrail.
	GlobalCopies bool `json:"globalCopies"`
	// Attack plants an attack with a leaked access key, about a hundred
	// records, and beside it a rightful use of a root user.
	Attack bool `json:"attack"`
	// Oddities is the share of records that differ from the common form, as a few
	// do in the wild: old versions, missing types, Unicode, keys in another order.
	Oddities float64 `json:"oddities"`
	// FileRecords is the number of records that a file has, about; no file has
	// more than twice as many, at most 10,000: memory grows with it. Zero chooses
	// by Records.
	FileRecords int `json:"fileRecords"`
	// FileBytes is the largest size of a file before compression. Zero is the
	// 50 MB of AWS's quota.
	FileBytes int `json:"fileBytes"`
	// Digests adds a chain of hourly digests for every trail, account and region, signed
	// with a key that the seed gives, and PublicKeysFile. What is kept for each log file
	// takes about 300 bytes of memory.
	Digests bool `json:"digests,omitempty"`
	// DigestFaults are faults to plant, one of each that is named, with commas between
	// them; it takes Digests. What Truth counts is what there was before.
	DigestFaults string `json:"digestFaults,omitempty"`
}

// The faults of Config.DigestFaults.
const (
	// FaultModifiedLog changes one character of a log file.
	FaultModifiedLog = "modified-log"
	// FaultDeletedLog removes a log file.
	FaultDeletedLog = "deleted-log"
	// FaultMissingDigest removes a digest.
	FaultMissingDigest = "missing-digest"
	// FaultBrokenChain replaces a digest with another of the same logs whose signature is
	// right, but which is not the one that the next digest names.
	FaultBrokenChain = "broken-chain"
	// FaultWrongKey has a digest signed with a key that is not in PublicKeysFile.
	FaultWrongKey = "wrong-key"
	// FaultForgedSignature changes the signature of a digest.
	FaultForgedSignature = "forged-signature"
)

// DigestFaultNames are all faults that Config.DigestFaults may name.
var DigestFaultNames = []string{FaultModifiedLog, FaultDeletedLog, FaultMissingDigest, FaultBrokenChain, FaultWrongKey, FaultForgedSignature}

// SecondTrail is the folder, in the target folder, of the second trail that
// Config.GlobalCopies makes.
const SecondTrail = "legacy-trail"

// AttackRecords is the least Config.Records with an attack: more than it writes, copies of global
// events included.
const AttackRecords = 600

// DefaultConfig returns the set that "traillake generate" makes without flags:
// 100,000 records of October 2026.
func DefaultConfig() Config {
	return Config{
		Records:      100_000,
		Seed:         1,
		Accounts:     5,
		Regions:      6,
		Start:        time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC),
		Days:         31,
		DataEvents:   0.15,
		GlobalCopies: true,
		Attack:       true,
		Oddities:     0.002,
	}
}

// Validate returns every problem of c, joined, or nil.
func (c Config) Validate() error {
	var errs []error
	between := func(name string, v, low, high int) {
		if v < low || v > high {
			errs = append(errs, fmt.Errorf("%s is %d, want %d to %d", name, v, low, high))
		}
	}
	share := func(name string, v, high float64) {
		if !(v >= 0 && v <= high) {
			errs = append(errs, fmt.Errorf("%s is %g, want 0 to %g", name, v, high))
		}
	}
	between("records", c.Records, 1, 1<<40)
	between("accounts", c.Accounts, 1, 200)
	between("regions", c.Regions, 1, len(regionNames))
	between("days", c.Days, 1, 3660)
	between("file records", c.FileRecords, 0, 10_000)
	if c.FileBytes != 0 {
		between("file bytes", c.FileBytes, 16<<10, 1<<30)
	}
	share("data events", c.DataEvents, 0.9)
	share("oddities", c.Oddities, 1)
	if y := c.Start.UTC().Year(); y < 2013 || y > 2200 {
		errs = append(errs, fmt.Errorf("start is in the year %d, want 2013 to 2200", y))
	}
	if len(c.DigestFaults) > 0 && !c.Digests {
		errs = append(errs, errors.New("digest faults are asked for, and no digests"))
	}
	faults := c.faults()
	for i, f := range faults {
		if !slices.Contains(DigestFaultNames, f) {
			errs = append(errs, fmt.Errorf("digest fault %q is none of %s", f, strings.Join(DigestFaultNames, ", ")))
		}
		if slices.Contains(faults[:i], f) {
			errs = append(errs, fmt.Errorf("digest fault %s is named twice", f))
		}
	}
	if c.Attack && c.Records < AttackRecords {
		errs = append(errs, fmt.Errorf("records is %d, want %d or more for an attack", c.Records, AttackRecords))
	}
	return errors.Join(errs...)
}

func (c Config) faults() []string {
	return strings.FieldsFunc(c.DigestFaults, func(r rune) bool { return r == ',' || r == ' ' })
}

// filled returns c with its zero sizes replaced by what they stand for.
func (c Config) filled() Config {
	c.Start = c.Start.UTC().Truncate(time.Second)
	if c.FileRecords == 0 {
		// Small sets get many small files, as quiet accounts do; large ones
		// files of about a megabyte of JSON, as busy accounts do.
		c.FileRecords = min(max(c.Records/1000, 50), 1000)
	}
	if c.FileBytes == 0 {
		c.FileBytes = 50_000_000
	}
	return c
}
