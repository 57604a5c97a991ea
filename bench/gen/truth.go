package gen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// TruthFile is the name of the file in the target folder that holds the Truth.
const TruthFile = "truth.json"

// Truth says what a set holds. Unless a field says otherwise it counts records, as
// count(*) does, so that a copy counts again.
type Truth struct {
	Config Config `json:"config"`
	// Records are all records; Events are those with distinct eventIDs.
	Records int64 `json:"records"`
	Events  int64 `json:"events"`
	// Files are the log files; Bytes their size before compression, of which
	// RecordBytes are the records themselves.
	Files           int64     `json:"files"`
	Bytes           int64     `json:"bytes"`
	RecordBytes     int64     `json:"recordBytes"`
	CompressedBytes int64     `json:"compressedBytes"`
	FirstEvent      time.Time `json:"firstEvent"`
	LastEvent       time.Time `json:"lastEvent"`

	// ByAccount goes by recipientAccountId, ByRegion by awsRegion, ByDay by the
	// day of eventTime; ByErrorCode has the records with an errorCode.
	ByAccount     map[string]int64 `json:"byAccount"`
	ByRegion      map[string]int64 `json:"byRegion"`
	ByDay         map[string]int64 `json:"byDay"`
	ByEventSource map[string]int64 `json:"byEventSource"`
	ByEventName   map[string]int64 `json:"byEventName"`
	ByCategory    map[string]int64 `json:"byCategory"`
	ByErrorCode   map[string]int64 `json:"byErrorCode"`
	// Writes have readOnly false.
	Writes int64 `json:"writes"`
	// AccessDenied has the records whose errorCode contains AccessDenied or
	// UnauthorizedOperation.
	AccessDenied int64 `json:"accessDenied"`

	// Duplicates has the event sources with events that were delivered more than
	// once under one eventID, most copies first.
	Duplicates []Duplicate `json:"duplicates"`
	Shared     Shared      `json:"shared"`

	// TopAddresses are the 20 busiest IP addresses, and Services all other values
	// of sourceIPAddress; both by calls, then by value.
	TopAddresses []Address `json:"topAddresses"`
	Services     []Address `json:"services"`

	Root   Root   `json:"root"`
	Logins Logins `json:"consoleLogins"`
	Odd    Odd    `json:"odd"`
	// Attack is nil where none was planted.
	Attack *Attack `json:"attack,omitempty"`
	// Digests is nil where none were made.
	Digests *Digests `json:"digests,omitempty"`
}

// Digests tells of the digest files.
type Digests struct {
	// Bucket is the one that the digests name; keys are paths below the target folder.
	Bucket string `json:"bucket"`
	// PublicKeys is the file with the public keys, below the target folder.
	PublicKeys string `json:"publicKeys"`
	// Chains is the number of chains, one for each trail, account and region; Files that
	// of digest files there are, Logs that of log files they name.
	Chains int64 `json:"chains"`
	Files  int64 `json:"files"`
	Logs   int64 `json:"logs"`
	// Faults were planted.
	Faults []DigestFault `json:"faults"`
}

// DigestFault is a planted fault.
type DigestFault struct {
	// Fault is one of the Fault constants.
	Fault string `json:"fault"`
	// Account, Region and Trail say in which chain it is.
	Account string `json:"account"`
	Region  string `json:"region"`
	Trail   string `json:"trail"`
	// Object is the key of the log file or digest that is at fault.
	Object string `json:"object"`
}

// Duplicate tells of the copies of one event source's events.
type Duplicate struct {
	EventSource string `json:"eventSource"`
	// Events have copies, Copies are all their records, ExtraCopies are those
	// that need not be there, and WastedBytes is the length of the latter.
	Events      int64 `json:"events"`
	Copies      int64 `json:"copies"`
	ExtraCopies int64 `json:"extraCopies"`
	WastedBytes int64 `json:"wastedBytes"`
	// SourceRegions are the regions whose logs hold the copies, Trails the
	// folders below the target folder: "" and SecondTrail.
	SourceRegions []string `json:"sourceRegions"`
	Trails        []string `json:"trails"`
}

// Shared counts the actions that were logged in two accounts under one
// sharedEventID, and their records without copies.
type Shared struct {
	Actions int64 `json:"actions"`
	Records int64 `json:"records"`
}

// Address tells of one value of sourceIPAddress.
type Address struct {
	SourceIPAddress string    `json:"sourceIPAddress"`
	Calls           int64     `json:"calls"`
	Errors          int64     `json:"errors"`
	EventSources    int       `json:"eventSources"`
	FirstSeen       time.Time `json:"firstSeen"`
	LastSeen        time.Time `json:"lastSeen"`
}

// Root counts the use of root users: records, and distinct events.
type Root struct {
	Records int64 `json:"records"`
	Events  int64 `json:"events"`
}

// Logins counts ConsoleLogin events, without copies; WithoutMFA are among the
// successful ones.
type Logins struct {
	Success    int64 `json:"success"`
	WithoutMFA int64 `json:"withoutMFA"`
	Failed     int64 `json:"failed"`
}

// Odd counts the odd records of Config.Oddities; NotCanonical are those that cannot
// be rebuilt from their columns.
type Odd struct {
	Records      int64 `json:"records"`
	NotCanonical int64 `json:"notCanonical"`
}

// Attack tells of the planted attack.
type Attack struct {
	// AccessKeyID is the leaked key of the user Principal, and the addresses are
	// those that the attacker came from.
	AccessKeyID string   `json:"accessKeyId"`
	Principal   string   `json:"principal"`
	Addresses   []string `json:"addresses"`
	Accounts    []string `json:"accounts"`
	// OutsideAccount is the account that a snapshot was shared with.
	OutsideAccount string       `json:"outsideAccount"`
	Steps          []AttackStep `json:"steps"`
}

// AttackStep is one record of an attack. A step logged in two accounts is there twice.
type AttackStep struct {
	EventID         string    `json:"eventID"`
	Time            time.Time `json:"time"`
	EventSource     string    `json:"eventSource"`
	EventName       string    `json:"eventName"`
	Region          string    `json:"awsRegion"`
	Account         string    `json:"recipientAccountId"`
	Principal       string    `json:"principal"`
	SourceIPAddress string    `json:"sourceIPAddress"`
	ErrorCode       string    `json:"errorCode,omitempty"`
	Description     string    `json:"description"`
}

// ReadTruth reads the Truth of the set in dir.
func ReadTruth(dir string) (*Truth, error) {
	text, err := os.ReadFile(filepath.Join(dir, TruthFile))
	if err != nil {
		return nil, fmt.Errorf("read truth: %w", err)
	}
	t := &Truth{}
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("read truth: %s: %w", TruthFile, err)
	}
	return t, nil
}

func (t *Truth) write(dir string) error {
	text, err := json.MarshalIndent(t, "", "  ")
	if err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, TruthFile), append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write truth: %w", err)
	}
	return nil
}

// truth turns the counts into what users read.
func (s *stats) truth() *Truth {
	w := s.w
	t := &Truth{
		Config: w.c, Records: s.records, RecordBytes: s.bytes, FirstEvent: utc(s.first), LastEvent: utc(s.last),
		ByAccount: map[string]int64{}, ByRegion: map[string]int64{}, ByDay: map[string]int64{}, ByEventSource: map[string]int64{},
		ByEventName: map[string]int64{}, ByCategory: map[string]int64{}, ByErrorCode: map[string]int64{},
		Shared: Shared{s.pairs, 2 * s.pairs}, Root: Root{s.root, s.rootOnly},
		Logins: Logins{s.logins.success, s.logins.withoutMFA, s.logins.failed},
	}
	if s.records == 0 {
		t.FirstEvent, t.LastEvent = time.Time{}, time.Time{}
	}
	put := func(m map[string]int64, name string, n int64) {
		if n > 0 {
			m[name] += n
		}
	}
	for i, a := range w.accounts {
		put(t.ByAccount, a.id, s.accounts[i])
	}
	for i, n := range s.regions {
		put(t.ByRegion, regionNames[i], n)
	}
	for i, n := range s.days {
		put(t.ByDay, w.c.Start.AddDate(0, 0, i).Format(time.DateOnly), n)
	}
	for code, n := range s.failures {
		if code == "" {
			continue
		}
		put(t.ByErrorCode, code, n)
		if strings.Contains(code, "AccessDenied") || strings.Contains(code, "UnauthorizedOperation") {
			t.AccessDenied += n
		}
	}
	t.Events = s.records
	duplicates := map[string]*eventStats{}
	for i, e := range s.events {
		ev := w.catalog.events[i]
		put(t.ByCategory, ev.category, e.records)
		if ev.category == "Insight" {
			continue // without eventSource, eventName and readOnly
		}
		put(t.ByEventSource, ev.source, e.records)
		put(t.ByEventName, ev.action, e.records)
		if ev.write {
			t.Writes += e.records
		}
		if e.duplicated > 0 {
			d := duplicates[ev.source]
			if d == nil {
				d = &eventStats{}
				duplicates[ev.source] = d
			}
			d.duplicated += e.duplicated
			d.copies += e.copies
			d.wasted += e.wasted
			d.regions |= e.regions
			d.trails |= e.trails
		}
	}
	for source, e := range duplicates {
		d := Duplicate{EventSource: source, Events: e.duplicated, Copies: e.copies, ExtraCopies: e.copies - e.duplicated, WastedBytes: e.wasted, Trails: []string{""}}
		for r := range w.c.Regions {
			if e.regions>>uint(r)&1 == 1 {
				d.SourceRegions = append(d.SourceRegions, regionNames[r])
			}
		}
		slices.Sort(d.SourceRegions)
		if e.trails&2 != 0 {
			d.Trails = append(d.Trails, SecondTrail)
		}
		t.Events -= d.ExtraCopies
		t.Duplicates = append(t.Duplicates, d)
	}
	slices.SortFunc(t.Duplicates, func(a, b Duplicate) int {
		return cmp.Or(cmp.Compare(b.Copies, a.Copies), cmp.Compare(a.EventSource, b.EventSource))
	})
	for o, n := range s.odd {
		if o == 0 {
			continue
		}
		t.Odd.Records += n
		if !oddity(o).canonical() {
			t.Odd.NotCanonical += n
		}
	}
	s.callers(t)
	return t
}

func (s *stats) callers(t *Truth) {
	byText := map[string]*Address{}
	var addrs, services []Address
	for i, a := range s.addrs {
		if a.calls == 0 {
			continue
		}
		x := Address{string(s.w.addresses[i].text), a.calls, a.errors, len(a.sources), utc(a.first), utc(a.last)}
		if byText[x.SourceIPAddress] != nil {
			// Two draws of one address are next to impossible, and would make
			// two entries of what is one for a query.
			panic("BUG: address " + x.SourceIPAddress + " twice")
		}
		byText[x.SourceIPAddress] = &x
		if s.w.addresses[i].service {
			services = append(services, x)
		} else {
			addrs = append(addrs, x)
		}
	}
	for _, list := range [][]Address{addrs, services} {
		slices.SortFunc(list, func(a, b Address) int {
			return cmp.Or(cmp.Compare(b.Calls, a.Calls), cmp.Compare(a.SourceIPAddress, b.SourceIPAddress))
		})
	}
	t.TopAddresses, t.Services = addrs[:min(20, len(addrs))], services
}

func utc(unix int64) time.Time { return time.Unix(unix, 0).UTC() }
