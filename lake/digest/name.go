package digest

import (
	"path"
	"regexp"
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

// nameForm is account_CloudTrail-Digest_region_trail_home-region_time. The name of a trail
// may hold underscores, the others cannot.
var nameForm = regexp.MustCompile(`^(\d{12})_CloudTrail-Digest_([a-z0-9-]+)_(.+)_([a-z0-9-]+)_(\d{8}T\d{6}Z)(_backfill)?\.json\.gz$`)

const stampForm = "20060102T150405Z"

// ParseName reads the name of the digest file at key. ok is false for other names.
func ParseName(key string) (n Name, ok bool) {
	m := nameForm.FindStringSubmatch(path.Base(key))
	if m == nil {
		return Name{}, false
	}
	end, err := time.Parse(stampForm, m[5])
	if err != nil {
		return Name{}, false
	}
	return Name{Account: m[1], Region: m[2], Trail: m[3], HomeRegion: m[4], End: end, Backfill: m[6] != ""}, true
}

// Key returns the key of the digest file, below a prefix that ends with a slash or is
// empty. For an organization trail the prefix ends with AWSLogs/ and the organization's
// id, for all others with AWSLogs.
func (n Name) Key(prefix string) string {
	end := n.End.UTC()
	var b strings.Builder
	b.WriteString(prefix + n.Account + "/CloudTrail-Digest/" + n.Region + end.Format("/2006/01/02/"))
	b.WriteString(n.Account + "_CloudTrail-Digest_" + n.Region + "_" + n.Trail + "_" + n.HomeRegion + "_" + end.Format(stampForm))
	if n.Backfill {
		b.WriteString("_backfill")
	}
	b.WriteString(".json.gz")
	return b.String()
}
