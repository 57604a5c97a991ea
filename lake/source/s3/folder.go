package s3

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"traillake/lake/source"
)

// level is where a folder lies in CloudTrail's layout,
// [any/…/]AWSLogs/[o-…/]account/kind/region/YYYY/MM/DD/.
type level int

const (
	above     level = iota // outside of AWSLogs
	inLogs                 // AWSLogs/ and AWSLogs/o-…/: accounts are below
	inAccount              // kinds are below
	inKind                 // regions are below
	inRegion               // days are below
	leftAlone              // not CloudTrail's
	notChosen              // by the filter
)

// folder is a prefix that ends with a slash, or the empty one, and what its name tells.
type folder struct {
	prefix string
	level  level
	place  source.Place // without a day
	// region is the prefix of the folder of the region, on and below inRegion.
	region string
	// reason says why a folder is left alone.
	reason string
}

var (
	organizationName = regexp.MustCompile(`^o-[a-z0-9]{4,32}$`)
	accountName      = regexp.MustCompile(`^\d{12}$`)
	regionName       = regexp.MustCompile(`^[a-z0-9-]+$`)
)

// child returns the folder of a name in f. Folders of digests are followed where digests
// are what is looked for, and then no others.
func (f folder) child(name string, filter source.Filter, digests bool) folder {
	c := f
	c.prefix = f.prefix + name + "/"
	alone := func(reason string) folder {
		c.level, c.reason = leftAlone, reason
		return c
	}
	switch f.level {
	case above:
		if name == "AWSLogs" {
			c.level = inLogs
		}
	case inLogs:
		switch {
		case accountName.MatchString(name):
			c.level, c.place.Account = inAccount, name
			if !holds(filter.Accounts, name) {
				c.level = notChosen
			}
		case organizationName.MatchString(name) && f.place.Organization == "":
			c.place.Organization = name
		default:
			return alone("below AWSLogs, but not the folder of an account")
		}
	case inAccount:
		var out *source.LeftOut
		if digests {
			if name != string(source.Digest) {
				return alone("no digests")
			}
		} else if name == string(source.Digest) {
			return alone("digest files, not logs")
		} else if _, err := source.Classify(c.prefix + "region/2000/01/01/x"); errors.As(err, &out) {
			return alone(out.Reason)
		}
		c.level, c.place.Kind = inKind, source.Kind(name)
	case inKind:
		if !regionName.MatchString(name) {
			return alone("not the folder of a region")
		}
		c.level, c.place.Region, c.region = inRegion, name, c.prefix
		if !holds(filter.Regions, name) {
			c.level = notChosen
		}
	}
	return c
}

func holds(chosen []string, name string) bool {
	return len(chosen) == 0 || slices.Contains(chosen, name)
}

// folderAt returns the folder that a prefix names.
func folderAt(prefix string, filter source.Filter, digests bool) folder {
	var f folder
	for rest := prefix; rest != ""; {
		name, after, _ := strings.Cut(rest, "/")
		if f = f.child(name, filter, digests); f.level == leftAlone || f.level == notChosen {
			f.prefix = prefix
			return f
		}
		rest = after
	}
	return f
}

// keyOfDay is what every key of that day and later ones is greater than.
func (f folder) keyOfDay(day time.Time) string { return f.region + day.Format("2006/01/02") }

// dayOf returns the day that a key below the folder of a region tells.
func (f folder) dayOf(key string) (time.Time, bool) {
	rest, ok := strings.CutPrefix(key, f.region)
	if !ok || len(rest) < 11 || rest[10] != '/' || rest[4] != '/' || rest[7] != '/' {
		return time.Time{}, false
	}
	y, ok1 := digits(rest[:4])
	m, ok2 := digits(rest[5:7])
	d, ok3 := digits(rest[8:10])
	day := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	// A day that there is not becomes another one.
	return day, ok1 && ok2 && ok3 && day.Month() == time.Month(m) && day.Day() == d
}

func digits(text string) (n int, ok bool) {
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// placeOf returns what a key tells, or why it is left out. It is source.Classify, made
// fast for a key that lies where most do.
func (f folder) placeOf(key string) (source.Place, error) {
	if f.level == inRegion {
		if day, ok := f.dayOf(key); ok && strings.IndexByte(key[len(f.region)+11:], '/') < 0 && len(key) > len(f.region)+11 {
			p := f.place
			p.Day = day
			return p, nil
		}
	}
	return source.Classify(key)
}
