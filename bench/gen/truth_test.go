package gen

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/klauspost/compress/gzip"
)

// delivered is a record with where it was found. It is read by encoding/json, which
// shares nothing with the code that wrote it.
type delivered struct {
	text   []byte
	trail  string // "" or SecondTrail
	region string // in the path
	at     time.Time

	EventVersion, EventID, EventTime, EventSource, EventName, AwsRegion string
	SourceIPAddress, ErrorCode, EventCategory, EventType                string
	RecipientAccountID                                                  string `json:"recipientAccountId"`
	SharedEventID                                                       string
	ReadOnly, ManagementEvent                                           *bool
	UserIdentity                                                        struct {
		Type, PrincipalID, ARN, AccountID, AccessKeyID string
	}
	ResponseElements, AdditionalEventData json.RawMessage
}

var keyLayout = regexp.MustCompile(`^(?:([^/]+)/)?AWSLogs/(?:o-[a-z0-9]{10,32}/)?(\d{12})/(CloudTrail(?:-Insight|-NetworkActivity)?)/([a-z0-9-]+)/(\d{4}/\d{2}/\d{2})/(\d{12})_(CloudTrail[-A-Za-z]*)_([a-z0-9-]+)_(\d{8}T\d{4}Z)_[A-Za-z0-9]{16}\.json\.gz$`)

// readSet returns all records, and the number and size of the files.
func readSet(t *testing.T, dir string) (records []*delivered, files, size int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == TruthFile {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		m := keyLayout.FindStringSubmatch(filepath.ToSlash(rel))
		if m == nil {
			t.Errorf("%s: not the layout of a trail", rel)
			return nil
		}
		at, err := time.Parse("20060102T1504Z", m[9])
		if err != nil || at.Minute()%5 != 0 || at.Format("2006/01/02") != m[5] || m[2] != m[6] || m[3] != m[7] || m[4] != m[8] {
			t.Errorf("%s: the name contradicts itself (%v)", rel, err)
		}
		text := gunzip(t, path)
		files++
		size += int64(len(text))
		var file struct{ Records []json.RawMessage }
		if err := json.Unmarshal(text, &file); err != nil {
			t.Errorf("%s: %v", rel, err)
			return nil
		}
		if !bytes.HasPrefix(text, []byte(envelope+"{")) || !bytes.HasSuffix(text, []byte("}]}")) {
			t.Errorf("%s: not the envelope of a delivered file", rel)
		}
		for _, one := range file.Records {
			r := &delivered{text: one, trail: m[1], region: m[4], at: at}
			if err := json.Unmarshal(one, r); err != nil {
				t.Errorf("%s: %v in %s", rel, err, one)
			}
			if r.RecipientAccountID != m[2] {
				t.Errorf("%s: record of account %s", rel, r.RecipientAccountID)
			}
			if want := map[string]string{"Insight": "CloudTrail-Insight", "NetworkActivity": "CloudTrail-NetworkActivity"}[r.EventCategory]; cmp.Or(want, "CloudTrail") != m[3] {
				t.Errorf("%s: record of category %s", rel, r.EventCategory)
			}
			records = append(records, r)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return records, files, size
}

func gunzip(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(z); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTruth(t *testing.T) {
	c := every()
	c.Records = 20_000
	dir, truth := generate(t, c)
	checkTruth(t, dir, truth)
	if len(truth.Duplicates) < 3 || truth.Shared.Actions == 0 || truth.Root.Records == 0 || truth.Logins.Success == 0 || truth.Logins.WithoutMFA == 0 ||
		truth.Odd.NotCanonical == 0 || truth.AccessDenied == 0 || len(truth.TopAddresses) < 20 || len(truth.Services) < 10 || len(truth.ByCategory) != 4 {
		t.Errorf("something that was to be planted is missing: %+v", truth)
	}
	if reads := 1 - float64(truth.Writes)/float64(truth.Records); reads < 0.75 || reads > 0.95 {
		t.Errorf("%.2f of the records are reads", reads)
	}
}

// checkTruth counts the set again and compares.
func checkTruth(t *testing.T, dir string, truth *Truth) {
	t.Helper()
	records, files, size := readSet(t, dir)
	got := recount(records)
	got.Files, got.Bytes = files, size
	got.Config, got.Attack, got.CompressedBytes = truth.Config, truth.Attack, truth.CompressedBytes
	got.Odd = truth.Odd // see TestRecordsRebuild
	a, _ := json.MarshalIndent(got, "", " ")
	b, _ := json.MarshalIndent(truth, "", " ")
	if !bytes.Equal(a, b) {
		la, lb := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
		for i := range min(len(la), len(lb)) {
			if la[i] != lb[i] {
				t.Fatalf("line %d: counted %s, truth says %s (after %s)", i, la[i], lb[i], la[max(i-1, 0)])
			}
		}
		t.Fatalf("counted\n%s\ntruth says\n%s", a, b)
	}
}

func recount(records []*delivered) *Truth {
	t := &Truth{
		ByAccount: map[string]int64{}, ByRegion: map[string]int64{}, ByDay: map[string]int64{}, ByEventSource: map[string]int64{},
		ByEventName: map[string]int64{}, ByCategory: map[string]int64{}, ByErrorCode: map[string]int64{},
	}
	byID := map[string][]*delivered{}
	shared := map[string]map[string]bool{}
	addresses := map[string]*Address{}
	sources := map[string]map[string]bool{}
	for _, r := range records {
		first := byID[r.EventID] == nil
		byID[r.EventID] = append(byID[r.EventID], r)
		at, _ := time.Parse(time.RFC3339, r.EventTime)
		t.Records++
		t.RecordBytes += int64(len(r.text))
		if t.FirstEvent.IsZero() || at.Before(t.FirstEvent) {
			t.FirstEvent = at
		}
		if at.After(t.LastEvent) {
			t.LastEvent = at
		}
		t.ByAccount[r.RecipientAccountID]++
		t.ByRegion[r.AwsRegion]++
		t.ByDay[r.EventTime[:10]]++
		category := r.EventCategory
		if category == "" {
			category = "Management"
		}
		t.ByCategory[category]++
		if r.EventSource != "" {
			t.ByEventSource[r.EventSource]++
			t.ByEventName[r.EventName]++
		}
		if r.ErrorCode != "" {
			t.ByErrorCode[r.ErrorCode]++
			if strings.Contains(r.ErrorCode, "AccessDenied") || strings.Contains(r.ErrorCode, "UnauthorizedOperation") {
				t.AccessDenied++
			}
		}
		if r.ReadOnly != nil && !*r.ReadOnly {
			t.Writes++
		}
		if r.UserIdentity.Type == "Root" {
			t.Root.Records++
			if first {
				t.Root.Events++
			}
		}
		if r.EventName == "ConsoleLogin" && first {
			switch {
			case strings.Contains(string(r.ResponseElements), "Failure"):
				t.Logins.Failed++
			case strings.Contains(string(r.AdditionalEventData), `"MFAUsed":"No"`):
				t.Logins.WithoutMFA++
				t.Logins.Success++
			default:
				t.Logins.Success++
			}
		}
		if r.SharedEventID != "" {
			if shared[r.SharedEventID] == nil {
				shared[r.SharedEventID] = map[string]bool{}
			}
			shared[r.SharedEventID][r.RecipientAccountID] = true
		}
		if ip := r.SourceIPAddress; ip != "" {
			a := addresses[ip]
			if a == nil {
				a = &Address{SourceIPAddress: ip, FirstSeen: at, LastSeen: at}
				addresses[ip], sources[ip] = a, map[string]bool{}
			}
			a.Calls++
			if r.ErrorCode != "" {
				a.Errors++
			}
			sources[ip][r.EventSource] = true
			if at.Before(a.FirstSeen) {
				a.FirstSeen = at
			}
			if at.After(a.LastSeen) {
				a.LastSeen = at
			}
		}
	}
	t.Events = int64(len(byID))
	for _, accounts := range shared {
		if len(accounts) > 1 {
			t.Shared.Actions++
			t.Shared.Records += int64(len(accounts))
		}
	}
	t.Duplicates = recountCopies(byID)
	for ip, a := range addresses {
		a.EventSources = len(sources[ip])
		if _, err := netip.ParseAddr(ip); err == nil {
			t.TopAddresses = append(t.TopAddresses, *a)
		} else {
			t.Services = append(t.Services, *a)
		}
	}
	for _, list := range []*[]Address{&t.TopAddresses, &t.Services} {
		slices.SortFunc(*list, func(a, b Address) int {
			return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.SourceIPAddress, b.SourceIPAddress))
		})
	}
	t.TopAddresses = t.TopAddresses[:min(20, len(t.TopAddresses))]
	return t
}

func recountCopies(byID map[string][]*delivered) []Duplicate {
	bySource := map[string]*Duplicate{}
	for _, copies := range byID {
		if len(copies) == 1 {
			continue
		}
		d := bySource[copies[0].EventSource]
		if d == nil {
			d = &Duplicate{EventSource: copies[0].EventSource}
			bySource[d.EventSource] = d
		}
		d.Events++
		d.Copies += int64(len(copies))
		d.ExtraCopies += int64(len(copies) - 1)
		// Queries take the length in characters; see odd.
		d.WastedBytes += int64((len(copies) - 1) * utf8.RuneCount(copies[0].text))
		for _, r := range copies {
			if !slices.Contains(d.SourceRegions, r.region) {
				d.SourceRegions = append(d.SourceRegions, r.region)
			}
			if !slices.Contains(d.Trails, r.trail) {
				d.Trails = append(d.Trails, r.trail)
			}
		}
	}
	var list []Duplicate
	for _, d := range bySource {
		slices.Sort(d.SourceRegions)
		slices.Sort(d.Trails)
		list = append(list, *d)
	}
	slices.SortFunc(list, func(a, b Duplicate) int {
		return cmp.Or(cmp.Compare(b.Copies, a.Copies), cmp.Compare(a.EventSource, b.EventSource))
	})
	return list
}

func TestCopiesAreIdentical(t *testing.T) {
	dir, truth := generate(t, every())
	records, _, _ := readSet(t, dir)
	byID := map[string]*delivered{}
	extra := 0
	for _, r := range records {
		first := byID[r.EventID]
		if first == nil {
			byID[r.EventID] = r
			continue
		}
		extra++
		if !bytes.Equal(first.text, r.text) {
			t.Errorf("two records with one eventID:\n%s\n%s", first.text, r.text)
		}
		if first.region == r.region && first.trail == r.trail {
			t.Errorf("%s was delivered twice to one log", r.EventID)
		}
	}
	if extra == 0 || int64(extra) != truth.Records-truth.Events {
		t.Errorf("%d extra copies, truth says %d", extra, truth.Records-truth.Events)
	}
}

// Every temporary key in use was handed out by a call in the set, not later than its
// first use.
func TestSessionsAreHandedOut(t *testing.T) {
	dir, _ := generate(t, every())
	records, _, _ := readSet(t, dir)
	handed := map[string]*delivered{}
	for _, r := range records {
		var answer struct{ Credentials struct{ AccessKeyID string } }
		if len(r.ResponseElements) > 0 && json.Unmarshal(r.ResponseElements, &answer) == nil && answer.Credentials.AccessKeyID != "" {
			handed[answer.Credentials.AccessKeyID] = r
		}
	}
	used := 0
	for _, r := range records {
		if r.UserIdentity.Type != "AssumedRole" || r.UserIdentity.AccessKeyID == "" {
			continue
		}
		used++
		if from := handed[r.UserIdentity.AccessKeyID]; from == nil || from.EventTime > r.EventTime {
			t.Fatalf("no earlier call handed out the key of %s", r.text)
		}
	}
	if used < len(records)/3 {
		t.Errorf("%d of %d records are of assumed roles", used, len(records))
	}
}

func TestDeliveryFollowsTheEvent(t *testing.T) {
	c := every()
	dir, _ := generate(t, c)
	records, _, _ := readSet(t, dir)
	for _, r := range records {
		at, err := time.Parse(time.RFC3339, r.EventTime)
		if err != nil {
			t.Fatal(err)
		}
		if lag := r.at.Sub(at); lag < 0 || lag > 20*time.Minute {
			t.Errorf("delivered %v after the event: %s", lag, r.text)
		}
		if at.Before(c.Start) || !at.Before(c.Start.AddDate(0, 0, c.Days)) {
			t.Errorf("outside the period: %s", r.text)
		}
	}
}

func TestAttackIsThere(t *testing.T) {
	for _, accounts := range []int{1, 5} {
		c := every()
		c.Accounts = accounts
		dir, truth := generate(t, c)
		records, _, _ := readSet(t, dir)
		byID := map[string]*delivered{}
		leaked := 0
		for _, r := range records {
			byID[r.EventID] = r
			if r.UserIdentity.AccessKeyID == truth.Attack.AccessKeyID && r.SourceIPAddress != truth.Attack.Addresses[0] {
				leaked++
			}
		}
		if leaked == 0 && accounts > 1 {
			t.Error("the leaked key was not in rightful use")
		}
		names := map[string]int{}
		for i, s := range truth.Attack.Steps {
			names[s.EventName]++
			r := byID[s.EventID]
			if r == nil {
				t.Fatalf("step %d %s is not in the logs", i, s.EventName)
			}
			if r.EventName != s.EventName || r.EventTime != s.Time.Format(time.RFC3339) || r.SourceIPAddress != s.SourceIPAddress || r.ErrorCode != s.ErrorCode || r.RecipientAccountID != s.Account || r.AwsRegion != s.Region {
				t.Errorf("step %d is %+v, the log says %s", i, s, r.text)
			}
		}
		for _, want := range []string{
			"GetCallerIdentity", "CreateUser", "CreateAccessKey", "AttachUserPolicy", "ConsoleLogin", "AuthorizeSecurityGroupIngress", "AssumeRole",
			"GetSecretValue", "ModifySnapshotAttribute", "GetObject", "StopLogging", "DeleteTrail",
		} {
			if names[want] == 0 {
				t.Errorf("%d accounts: no %s in the attack", accounts, want)
			}
		}
	}
}
