package scalar

import (
	"slices"
	"time"
)

// Fixed ends the second names of functions that fail for some constants only, such as a pattern that
// is none. By that name a function is called whose constants were seen to be right: FixedPattern,
// FixedReplacement, FixedFormat. It is Total.
const Fixed = "_fixed"

var fixable = []string{
	"t_rx_like", "t_rx_count", "t_rx_extract", "t_rx_extract_all", "t_rx_replace", "t_rx_split", "t_format_datetime",
}

func fixedFuncs() (all []Func) {
	for _, f := range slices.Concat(regexpFuncs, timeFuncs) {
		if slices.Contains(fixable, f.Name) {
			f.Name += Fixed
			all = append(all, f)
		}
	}
	return all
}

// FixedFormat says whether a pattern of Joda's formats times of the zone.
func FixedFormat(pattern, zone string) bool {
	_, err := jodaFormat(time.Unix(0, 0), pattern, zone)
	return err == nil
}
