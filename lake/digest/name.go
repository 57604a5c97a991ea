package digest

import (
	"strings"
	"time"
)

// Ref names an object as CloudTrail's digests do.
type Ref struct {
	// Bucket is the S3 bucket.
	Bucket string `json:"bucket"`
	// Key is the object's key in it.
	Key string `json:"key"`
}

// String returns the S3 URI, or the key where there is no bucket.
func (r Ref) String() string {
	if r.Bucket == "" {
		return r.Key
	}
	return "s3://" + r.Bucket + "/" + r.Key
}

// Name is what the name of a digest file tells.
type Name struct {
	// Account and Region are those whose logs it lists.
	Account, Region string
	// Trail and HomeRegion are those of the trail.
	Trail, HomeRegion string
	// End is the end of the period that it covers, UTC.
	End time.Time
	// Backfill is set for a digest of log files that came late.
	Backfill bool
}

const (
	nameMiddle = "_CloudTrail-Digest_"
	nameSuffix = ".json.gz"
	backfill   = "_backfill"
	stampForm  = "20060102T150405Z"
)

// ParseName reads the name of the digest file at key: account_CloudTrail-Digest_region_
// trail_home-region_time. The name of a trail may hold underscores, the others cannot. ok is
// false for other names.
func ParseName(key string) (n Name, ok bool) {
	name, ok := strings.CutSuffix(key[strings.LastIndexByte(key, '/')+1:], nameSuffix)
	if !ok {
		return Name{}, false
	}
	name, n.Backfill = strings.CutSuffix(name, backfill)
	if n.Account, name, ok = strings.Cut(name, nameMiddle); !ok || len(n.Account) != 12 || strings.Trim(n.Account, "0123456789") != "" {
		return Name{}, false
	}
	if n.Region, name, ok = strings.Cut(name, "_"); !ok {
		return Name{}, false
	}
	i := strings.LastIndexByte(name, '_')
	if i <= 0 {
		return Name{}, false
	}
	var err error
	if n.End, err = time.Parse(stampForm, name[i+1:]); err != nil {
		return Name{}, false
	}
	name = name[:i]
	if i = strings.LastIndexByte(name, '_'); i <= 0 {
		return Name{}, false
	}
	n.Trail, n.HomeRegion = name[:i], name[i+1:]
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-"
	if n.Region == "" || n.HomeRegion == "" || strings.Trim(n.Region, letters) != "" || strings.Trim(n.HomeRegion, letters) != "" {
		return Name{}, false
	}
	return n, true
}

// Key returns the key of the digest file, below a prefix that ends with a slash or is
// empty. For an organization trail the prefix ends with AWSLogs/ and the organization's
// id, for all others with AWSLogs.
func (n Name) Key(prefix string) string {
	end := n.End.UTC()
	var b strings.Builder
	b.WriteString(prefix + n.Account + "/CloudTrail-Digest/" + n.Region + end.Format("/2006/01/02/"))
	b.WriteString(n.Account + nameMiddle + n.Region + "_" + n.Trail + "_" + n.HomeRegion + "_" + end.Format(stampForm))
	if n.Backfill {
		b.WriteString(backfill)
	}
	b.WriteString(nameSuffix)
	return b.String()
}
