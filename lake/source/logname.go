package source

import (
	"path"
	"strings"
)

// LogName returns the name that CloudTrail gave to the log at key, without .json and .gz, which
// it gives to no other: AccountID_CloudTrail_Region_YYYYMMDDTHHmmZ_UniqueString, of which the last
// has 16 characters. ok is false for files of other names.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
func LogName(key string) (name string, ok bool) {
	const account, unique, mark = 12, 16, "_CloudTrail"
	name, _, _ = strings.Cut(path.Base(key), ".")
	if len(name) < account+len(mark)+1+unique || name[account:account+len(mark)] != mark || name[len(name)-unique-1] != '_' {
		return "", false
	}
	for _, c := range []byte(name[:account]) {
		if c < '0' || c > '9' {
			return "", false
		}
	}
	return name, true
}
