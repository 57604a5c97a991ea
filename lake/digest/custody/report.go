package custody

import "time"

// Report is what a check found.
type Report struct {
	// From and To are those of the Options; nil without a bound.
	From *time.Time `json:"from,omitempty"`
	To   *time.Time `json:"to,omitempty"`
	// Trails has an entry for every trail, account and region, in this order.
	Trails []Trail `json:"trails"`
	// Findings are what is wrong, trail by trail, the newest digest first, each before its
	// logs: as validate-logs says it.
	Findings []Finding `json:"findings"`
	// Without are accounts and regions with logs and without digests.
	Without []Without `json:"withoutDigests"`
	// Digests, Backfill and Logs add up those of the trails.
	Digests  Count `json:"digests"`
	Backfill Count `json:"backfillDigests"`
	Logs     Count `json:"logs"`
}

// Count counts files by verdict.
type Count struct {
	Valid   int64 `json:"valid"`
	Invalid int64 `json:"invalid"`
	// Unchecked are digests whose signature is not known, and logs that only digests name
	// that are not valid or unchecked.
	Unchecked int64 `json:"unchecked"`
}

func (c *Count) add(o Count) {
	c.Valid += o.Valid
	c.Invalid += o.Invalid
	c.Unchecked += o.Unchecked
}

// Trail is what was found of one trail, account and region.
type Trail struct {
	// Bucket is that of the digests; Prefix is what comes before the account in their keys,
	// or in their paths where there is no bucket.
	Bucket string `json:"bucket,omitempty"`
	Prefix string `json:"prefix"`
	// Account and Region are those whose logs these are, Name and HomeRegion the trail's.
	Account    string `json:"account"`
	Region     string `json:"region"`
	Name       string `json:"trail"`
	HomeRegion string `json:"homeRegion"`
	// FoundFrom and FoundTo bound what valid digests cover; nil without any.
	FoundFrom *time.Time `json:"foundFrom,omitempty"`
	FoundTo   *time.Time `json:"foundTo,omitempty"`
	Digests   Count      `json:"digests"`
	Backfill  Count      `json:"backfillDigests"`
	Logs      Count      `json:"logs"`
	// Gaps are times in which CloudTrail made no digests between two chains.
	Gaps []Interval `json:"gaps"`
	// Unsigned are times between valid digests that none covers; gaps are among them.
	Unsigned []Interval `json:"unsigned"`
	// Outside counts logs that were delivered before the first and after the last of the
	// valid digests.
	Outside Outside `json:"outside"`
	// Unchecked are digests whose signature is nowhere to be found: the newest of a copy
	// without the metadata.
	Unchecked []string `json:"uncheckedDigests,omitempty"`
}

// Outside counts logs that valid digests cannot name.
type Outside struct {
	Before int64 `json:"before"`
	After  int64 `json:"after"`
	// Untold are logs whose names do not tell when they were delivered.
	Untold int64 `json:"untold"`
}

// Without is an account and region with logs and without digests.
type Without struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	Logs    int64  `json:"logs"`
}

// Kind is what a finding is about.
type Kind string

// The kinds of findings.
const (
	KindDigest Kind = "digest"
	KindLog    Kind = "log"
	// KindNone is of a trail without any valid digest, or of a source without any.
	KindNone Kind = "none"
)

// NotReadable is the verdict of a file that could not be read. Validate-logs ends there.
const NotReadable = "INVALID: not readable"

// Finding is something wrong.
type Finding struct {
	Kind Kind `json:"kind"`
	// Account, Region and Trail say where; empty where that is not known.
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	Trail   string `json:"trail,omitempty"`
	// Backfill is set for backfill digests.
	Backfill bool `json:"backfill,omitempty"`
	// Object is the digest or log: an S3 URI, or a path.
	Object string `json:"object,omitempty"`
	// Verdict is what validate-logs says of it, such as "INVALID: not found".
	Verdict string `json:"verdict"`
	// Detail says more, for people.
	Detail string `json:"detail,omitempty"`
}

// Line returns the finding as validate-logs prints it.
func (f Finding) Line() string {
	switch f.Kind {
	case KindLog:
		return "Log file\t" + f.Object + "\t" + f.Verdict
	case KindDigest:
		line := "Digest file\t" + f.Object + "\t" + f.Verdict
		if f.Backfill {
			line = "(backfill) " + line
		}
		return line
	default:
		return f.Verdict
	}
}
