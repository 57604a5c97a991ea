package source

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Kind is the CloudTrail folder that an object lies in.
type Kind string

// The folders that CloudTrail writes (user guide, "Finding your CloudTrail log
// files").
const (
	Unknown         Kind = ""
	Logs            Kind = "CloudTrail"
	Insight         Kind = "CloudTrail-Insight"
	NetworkActivity Kind = "CloudTrail-NetworkActivity"
	Aggregated      Kind = "CloudTrail-Aggregated"
	Digest          Kind = "CloudTrail-Digest"
)

// Place is what a key in CloudTrail's layout tells. The zero value stands for a key
// that tells nothing.
type Place struct {
	// Kind is the folder; Unknown for a key in no such layout.
	Kind Kind
	// Organization is the o-… id of an organization trail, or empty.
	Organization string
	// Account and Region are those of the folder, whose log this is. The records
	// may name others.
	Account, Region string
	// Day is the folder's day of delivery, UTC; zero when unknown.
	Day time.Time
}

// layout is [prefix/]AWSLogs/[o-…/]account/folder/region/YYYY/MM/DD/file.
var layout = regexp.MustCompile(
	`(?:^|/)AWSLogs/(?:(o-[a-z0-9]{4,32})/)?(\d{12})/(CloudTrail(?:-[A-Za-z]+)?)/([a-z0-9-]+)/(\d{4})/(\d{2})/(\d{2})/[^/]+$`)

// fileName is account_CloudTrail_region_time_unique; the time is that of delivery.
var fileName = regexp.MustCompile(`^(\d{12})_(CloudTrail(?:-[A-Za-z]+)?)_([a-z]{2,4}(?:-[a-z]+)+-\d)[_-](\d{8})T\d{4}Z?`)

// digestName is account_CloudTrail-Digest_region_trail_home-region_time.
var digestName = regexp.MustCompile(`^(\d{12})_(CloudTrail-Digest)_([a-z0-9-]+)_.*_(\d{8})T\d{4,6}Z`)

// ParseKey reads what a key or path tells about the object. Slashes separate
// folders. A file taken out of its folders still tells through its name.
func ParseKey(key string) Place {
	if p, ok := parseLayout(key); ok {
		return p
	}
	return parseAny(key)
}

// parseLayout reads a key in CloudTrail's layout as parseAny does, in a tenth of the time.
func parseLayout(key string) (p Place, ok bool) {
	rest, part := key, ""
	last := func() string { // the part before
		i := strings.LastIndexByte(rest, '/')
		part, rest = rest[i+1:], rest[:max(i, 0)]
		return part
	}
	if last() == "" || len(rest) < len("2006/01/02") {
		return Place{}, false
	}
	day, err := time.Parse("2006/01/02", rest[len(rest)-len("2006/01/02"):])
	if err != nil || !strings.HasSuffix(rest[:len(rest)-len("2006/01/02")], "/") {
		return Place{}, false
	}
	rest = rest[:len(rest)-len("/2006/01/02")]
	region, folder, account := last(), last(), last()
	const digits, small = "0123456789", "abcdefghijklmnopqrstuvwxyz"
	kind := Kind(folder)
	known := kind == Logs || kind == Insight || kind == NetworkActivity || kind == Aggregated || kind == Digest
	if region == "" || strings.Trim(region, small+digits+"-") != "" || !known || len(account) != 12 || strings.Trim(account, digits) != "" {
		return Place{}, false
	}
	p = Place{Kind: kind, Account: account, Region: region, Day: day}
	if id, ok := strings.CutPrefix(last(), "o-"); ok {
		if len(id) < 4 || len(id) > 32 || strings.Trim(id, small+digits) != "" {
			return Place{}, false
		}
		p.Organization = part
		last()
	}
	return p, part == "AWSLogs"
}

// parseAny is ParseKey for any key.
func parseAny(key string) Place {
	if m := layout.FindStringSubmatch(key); m != nil {
		day, err := time.Parse("2006/01/02", m[5]+"/"+m[6]+"/"+m[7])
		if err == nil {
			return Place{Kind: Kind(m[3]), Organization: m[1], Account: m[2], Region: m[4], Day: day}
		}
	}
	name := path.Base(key)
	m := fileName.FindStringSubmatch(name)
	if m == nil {
		m = digestName.FindStringSubmatch(name)
	}
	if m != nil {
		day, err := time.Parse("20060102", m[4])
		if err == nil {
			return Place{Kind: Kind(m[2]), Account: m[1], Region: m[3], Day: day}
		}
	}
	return Place{}
}

// Classify tells whether an object at key is worth reading as a log: it returns
// what the key tells, or a *LeftOut.
func Classify(key string) (Place, error) {
	p := ParseKey(key)
	switch p.Kind {
	case Logs, Insight, NetworkActivity:
		return p, nil
	case Digest:
		return p, &LeftOut{Key: key, Reason: "a digest file, not a log"}
	case Aggregated:
		return p, &LeftOut{Key: key, Reason: "aggregated events, which CloudTrail Lake does not hold either"}
	case Unknown:
		if strings.HasPrefix(key, "AWSLogs/") || strings.Contains(key, "/AWSLogs/") {
			return p, &LeftOut{Key: key, Reason: "below AWSLogs, but not in a CloudTrail folder"}
		}
		return p, nil
	default:
		return p, &LeftOut{Key: key, Reason: "an unknown kind of CloudTrail folder"}
	}
}

// logSuffixes are the endings of files that are read as logs; what they hold is found by
// content.
var logSuffixes = []string{".json", ".gz", ".jsonl", ".ndjson"}

// NoLogSuffix is the reason why a file without such an ending is left out.
var NoLogSuffix = func() string {
	last := len(logSuffixes) - 1
	return "its name does not end in " + strings.Join(logSuffixes[:last], ", ") + " or " + logSuffixes[last]
}()

// HasLogSuffix reports whether a file of this name is read where it was not named itself.
func HasLogSuffix(name string) bool {
	return slices.ContainsFunc(logSuffixes, func(suffix string) bool {
		return len(name) >= len(suffix) && strings.EqualFold(name[len(name)-len(suffix):], suffix)
	})
}

// deliveryTime is the time in the name of a log file, which has minutes.
var deliveryTime = regexp.MustCompile(`^\d{12}_CloudTrail(?:-[A-Za-z]+)?_[a-z0-9-]+_(\d{8}T\d{4})Z?_`)

// DeliveredAt returns when CloudTrail delivered the object at key, by its name, to the
// minute. ok is false for a name that does not tell.
func DeliveredAt(key string) (at time.Time, ok bool) {
	m := deliveryTime.FindStringSubmatch(path.Base(key))
	if m == nil {
		return time.Time{}, false
	}
	at, err := time.Parse("20060102T1504", m[1])
	return at, err == nil
}
