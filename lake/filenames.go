package lake

import (
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Every name below a lake's root is made and read in this file. Names use slashes
// and are relative to the root of the lake.
const (
	lakeFile  = "lake.json"
	namesDir  = "names"
	storesDir = "eds"

	schedulesDir = "schedules"

	metadataDir   = "metadata"
	dataDir       = "data"
	ingestDir     = "ingest"
	auditDir      = "audit"
	quarantineDir = "quarantine"
	leasesDir     = "leases"
	gcDir         = "gc"

	hintFile       = "version-hint.text"
	metadataSuffix = ".metadata.json"
	claimSuffix    = ".json"
	ledgerSuffix   = ".json.zst"
	auditSuffix    = ".json"
	dataSuffix     = ".parquet"
	quarSuffix     = ".jsonl.zst"
	leaseSuffix    = ".json"
	markSuffix     = ".json"
	recordSuffix   = ".json"
	avroSuffix     = ".avro"

	partitionField  = "eventtime_day"
	partitionPrefix = partitionField + "="
)

// Day is a day of event time: days since 1970-01-01 UTC.
type Day int32

const microsPerDay = int64(24 * time.Hour / time.Microsecond)

// DayOf returns the day that holds a time in microseconds since 1970-01-01 UTC.
func DayOf(micros int64) Day {
	d := micros / microsPerDay
	if micros%microsPerDay < 0 {
		d--
	}
	return Day(d)
}

// Time returns the first instant of the day, UTC.
func (d Day) Time() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// String returns the day as YYYY-MM-DD.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// ParseDay reads what String returns.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("parse day %q: %w", s, err)
	}
	return Day(t.Unix() / 86400), nil
}

// valid reports whether the day can be written in four digits of year.
func (d Day) valid() bool {
	y := d.Time().Year()
	return y >= 1 && y <= 9999
}

// claimName is the file whose existence makes a store's name taken.
func claimName(store string) string {
	return namesDir + "/" + strings.ToLower(store) + claimSuffix
}

func parseClaimName(name string) (store string, ok bool) {
	s, ok := strings.CutPrefix(name, namesDir+"/")
	if !ok {
		return "", false
	}
	s, ok = strings.CutSuffix(s, claimSuffix)
	return s, ok && s == strings.ToLower(s) && validStoreName(s)
}

// validStoreName says whether CloudTrail Lake would accept the name.
func validStoreName(s string) bool {
	if len(s) < 3 || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

func storeDir(id uuid.UUID) string { return storesDir + "/" + id.String() }

// The names below are relative to a store's folder.

func metadataName(version int) string {
	return metadataDir + "/v" + strconv.Itoa(version) + metadataSuffix
}

// parseMetadataName returns the version in the name of a metadata file.
func parseMetadataName(name string) (version int, ok bool) {
	s, ok := strings.CutPrefix(name, metadataDir+"/v")
	if !ok {
		return 0, false
	}
	if s, ok = strings.CutSuffix(s, metadataSuffix); !ok {
		return 0, false
	}
	return parseVersion(s)
}

// parseVersion reads a version without sign, leading zero or white space.
func parseVersion(s string) (int, bool) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 || strconv.FormatInt(n, 10) != s {
		return 0, false
	}
	return int(n), true
}

func hintName() string { return metadataDir + "/" + hintFile }

func isHint(name string) bool { return strings.HasSuffix(name, "/"+hintName()) }

// isTemp reports whether a name is that of a file in the making.
func isTemp(name string) bool { return strings.HasPrefix(path.Base(name), tempPrefix) }

func formatHint(version int) []byte { return []byte(strconv.Itoa(version) + "\n") }

func parseHint(b []byte) (version int, ok bool) {
	return parseVersion(strings.TrimSuffix(string(b), "\n"))
}

func dataName(day Day, id uuid.UUID) string {
	return dataDir + "/" + partitionPrefix + day.String() + "/" + id.String() + dataSuffix
}

func parseDataName(name string) (day Day, id uuid.UUID, ok bool) {
	s, ok := strings.CutPrefix(name, dataDir+"/"+partitionPrefix)
	if !ok {
		return 0, uuid.Nil, false
	}
	date, file, ok := strings.Cut(s, "/")
	if !ok {
		return 0, uuid.Nil, false
	}
	day, err := ParseDay(date)
	if err != nil || day.String() != date {
		return 0, uuid.Nil, false
	}
	if file, ok = strings.CutSuffix(file, dataSuffix); !ok {
		return 0, uuid.Nil, false
	}
	id, ok = parseUUID(file)
	return day, id, ok
}

func ledgerName(seq int64, batch uuid.UUID) string {
	return seqName(ingestDir, seq, batch, ledgerSuffix)
}

func parseLedgerName(name string) (seq int64, batch uuid.UUID, ok bool) {
	return parseSeqName(ingestDir, name, ledgerSuffix)
}

// auditName holds an id beside the sequence number, so that the record of a commit
// that never happened does not stand in the way of the one that does.
func auditName(seq int64, commit uuid.UUID) string {
	return seqName(auditDir, seq, commit, auditSuffix)
}

func parseAuditName(name string) (seq int64, commit uuid.UUID, ok bool) {
	return parseSeqName(auditDir, name, auditSuffix)
}

func seqName(dir string, seq int64, id uuid.UUID, suffix string) string {
	return fmt.Sprintf("%s/%012d-%s%s", dir, seq, id, suffix)
}

func parseSeqName(dir, name, suffix string) (int64, uuid.UUID, bool) {
	s, ok := strings.CutPrefix(name, dir+"/")
	if !ok {
		return 0, uuid.Nil, false
	}
	if s, ok = strings.CutSuffix(s, suffix); !ok {
		return 0, uuid.Nil, false
	}
	num, rest, ok := strings.Cut(s, "-")
	if !ok {
		return 0, uuid.Nil, false
	}
	seq, err := strconv.ParseInt(num, 10, 64)
	if err != nil || seq < 0 || fmt.Sprintf("%012d", seq) != num {
		return 0, uuid.Nil, false
	}
	id, ok := parseUUID(rest)
	return seq, id, ok
}

func quarantineName(batch uuid.UUID) string {
	return quarantineDir + "/" + batch.String() + quarSuffix
}

func parseQuarantineName(name string) (uuid.UUID, bool) {
	s, ok := strings.CutPrefix(name, quarantineDir+"/")
	if !ok {
		return uuid.Nil, false
	}
	if s, ok = strings.CutSuffix(s, quarSuffix); !ok {
		return uuid.Nil, false
	}
	return parseUUID(s)
}

func leaseName(id uuid.UUID) string { return leasesDir + "/" + id.String() + leaseSuffix }

func parseLeaseName(name string) (uuid.UUID, bool) {
	s, ok := strings.CutPrefix(name, leasesDir+"/")
	if !ok {
		return uuid.Nil, false
	}
	if s, ok = strings.CutSuffix(s, leaseSuffix); !ok {
		return uuid.Nil, false
	}
	return parseUUID(s)
}

// markName is the list of files that a collection of garbage found at a time.
func markName(at time.Time, id uuid.UUID) string {
	return fmt.Sprintf("%s/%d-%s%s", gcDir, at.UnixMilli(), id, markSuffix)
}

func parseMarkName(name string) (at time.Time, ok bool) {
	s, ok := strings.CutPrefix(name, gcDir+"/")
	if !ok {
		return time.Time{}, false
	}
	if s, ok = strings.CutSuffix(s, markSuffix); !ok {
		return time.Time{}, false
	}
	text, rest, _ := strings.Cut(s, "-")
	ms, err := strconv.ParseInt(text, 10, 64)
	_, isID := parseUUID(rest)
	return time.UnixMilli(ms).UTC(), err == nil && isID && ms >= 0
}

// recordName is a version of a record, relative to the folder of the records.
func recordName(v RecordVersion) string {
	return fmt.Sprintf("%s.%06d%s", v.Key, v.Version, recordSuffix)
}

// validRecordKey says whether every part of a path is a name in lower case, the same on
// every disk.
func validRecordKey(key string) bool {
	start := true
	for i := range len(key) {
		c := key[i]
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			start = false
		case !start && (c == '-' || c == '_'):
		case !start && c == '/':
			start = true
		default:
			return false
		}
	}
	return !start
}

func parseRecordName(name string) (RecordVersion, bool) {
	s, ok := strings.CutSuffix(name, recordSuffix)
	if !ok {
		return RecordVersion{}, false
	}
	key, number, ok := strings.Cut(s, ".")
	n, err := strconv.ParseInt(number, 10, 32)
	if !ok || err != nil || n < 1 || !validRecordKey(key) || recordName(RecordVersion{key, int(n)}) != name {
		return RecordVersion{}, false
	}
	return RecordVersion{key, int(n)}, true
}

// parseUUID accepts the canonical form only: lower case, with hyphens.
func parseUUID(s string) (uuid.UUID, bool) {
	id, err := uuid.Parse(s)
	if err != nil || id.String() != s {
		return uuid.Nil, false
	}
	return id, true
}

// head names a file of a chain and what it holds: <path>#<sha256 in hex>. The zero
// value means that the chain is empty.
type head struct {
	path   string
	sha256 string
}

func (h head) String() string {
	if h.path == "" {
		return ""
	}
	return h.path + "#" + h.sha256
}

func parseHead(s string) (head, error) {
	if s == "" {
		return head{}, nil
	}
	i := strings.LastIndexByte(s, '#')
	if i < 1 || !ValidSHA256(s[i+1:]) {
		return head{}, fmt.Errorf("%w: chain head %q is not <path>#<sha256>", ErrCorrupt, s)
	}
	return head{path: s[:i], sha256: s[i+1:]}, nil
}

// ValidSHA256 reports whether s is a SHA-256 as a lake writes it: 64 hex digits in lower case.
func ValidSHA256(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
