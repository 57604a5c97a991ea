package lake

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// TestVerdictsFirewall breaks the rules of a commit of verdicts, each once.
func TestVerdictsFirewall(t *testing.T) {
	s := openTest(t)
	ctx := t.Context()
	b, err := s.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sum := strings.Repeat("a", 64)
	b.AddObject(ObjectEntry{Key: "/a", SHA256: sum, TextSHA256: sum, Status: StatusOK})
	if _, err := b.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	good := verdictEntry{Key: "/a", SHA256: sum, Verdict: VerdictVerified, Digest: "s3://b/d"}
	lost := MissingLog{Key: "/lost", Digest: "s3://b/d"}
	unknown, odd, nobody := good, good, good
	unknown.Key, odd.Verdict, nobody.Digest = "/b", "maybe", ""
	for _, c := range []struct {
		name   string
		change func(p *proposal)
		want   string
	}{
		{"an unknown object", func(p *proposal) { p.ledger.Verdicts = []verdictEntry{unknown} }, "never ingested"},
		{"no verdict", func(p *proposal) { p.ledger.Verdicts = []verdictEntry{odd} }, `verdict "maybe"`},
		{"without digest", func(p *proposal) { p.ledger.Verdicts = []verdictEntry{nobody} }, "is none"},
		{"twice", func(p *proposal) { p.ledger.Verdicts = []verdictEntry{good, good} }, "two verdicts"},
		{"none", func(p *proposal) { p.ledger.Verdicts = nil }, "neither a verdict"},
		{"with objects", func(p *proposal) { p.ledger.Objects = []ObjectEntry{{Key: "/c", Status: StatusOK}} }, "takes in objects"},
		{"a missing log that is here", func(p *proposal) { p.ledger.Missing = []MissingLog{{Key: "/a", Digest: "s3://b/d"}} }, "was ingested"},
		{"a missing log twice", func(p *proposal) { p.ledger.Missing = []MissingLog{lost, lost} }, "missing twice"},
		{"a missing log of no digest", func(p *proposal) { p.ledger.Missing = []MissingLog{{Key: "/lost"}} }, "is none that is missing"},
		{"a missing log of an ingest", func(p *proposal) {
			p.operation, p.ledger.Verdicts, p.ledger.Missing = OpIngest, nil, []MissingLog{lost}
		}, "ingest gives verdicts"},
		{"a missing log only", func(p *proposal) { p.ledger.Verdicts, p.ledger.Missing = nil, []MissingLog{lost} }, ""},
		{"a missing log that was missing", func(p *proposal) { p.ledger.Missing = []MissingLog{lost} }, "missing before"},
		{"an object that was never missing", func(p *proposal) {
			p.operation, p.ledger.Verdicts, p.ledger.Objects = OpIngest, nil, []ObjectEntry{{Key: "/c", Status: StatusOK, WasMissing: true}}
		}, "was missing: false"},
		{"a missing digest only", func(p *proposal) {
			p.ledger.Verdicts, p.ledger.MissingDigests = nil, []MissingDigest{MissingDigest(lost)}
		}, ""},
		{"a missing digest that was missing", func(p *proposal) { p.ledger.MissingDigests = []MissingDigest{MissingDigest(lost)} }, "missing before"},
		{"a missing digest that nobody names", func(p *proposal) { p.ledger.MissingDigests = []MissingDigest{{Key: "/d"}} }, "is none that is missing"},
		{"a found digest that was never missing", func(p *proposal) { p.ledger.FoundDigests = []foundDigest{{Key: "/d"}} }, "was not missing"},
		{"a missing digest that is found", func(p *proposal) {
			p.ledger.MissingDigests, p.ledger.FoundDigests = []MissingDigest{MissingDigest(lost)}, []foundDigest{{Key: "/lost"}}
		}, "found twice"},
		{"a found digest of an ingest", func(p *proposal) {
			p.operation, p.ledger.Verdicts, p.ledger.FoundDigests = OpIngest, nil, []foundDigest{{Key: "/lost"}}
		}, "ingest gives verdicts"},
		{"a found digest", func(p *proposal) { p.ledger.Verdicts, p.ledger.FoundDigests = nil, []foundDigest{{Key: "/lost"}} }, ""},
		{"a digest that is found again", func(p *proposal) { p.ledger.FoundDigests = []foundDigest{{Key: "/lost"}} }, "was not missing"},
		{"broken, and verified", func(p *proposal) { p.ledger.Verdicts[0].TextBroken = true }, "whose text has no end"},
		{"another operation", func(p *proposal) { p.operation = OpIngest }, "ingest gives verdicts"},
		{"with settings", func(p *proposal) { p.settings = map[string]string{propRetention: "8"} }, "changes property"},
		{"good", func(*proposal) {}, ""},
	} {
		id := uuid.New()
		_, err := s.commit(ctx, func(_ context.Context, on *base) (*proposal, error) {
			p := &proposal{operation: OpVerdict, batch: id, ledger: &ledgerFile{
				V: ledgerVersion, Batch: id.String(), Seq: on.seq + 1, Prev: on.ingestHead.String(), Verdicts: []verdictEntry{good},
			}}
			c.change(p)
			return p, nil
		})
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrFirewall) || !strings.Contains(fmt.Sprint(err), c.want)) {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// TestCheckVerdicts wants a lake with verdicts that cannot be to be found out.
func TestCheckVerdicts(t *testing.T) {
	sum := strings.Repeat("a", 64)
	v := verdictEntry{Key: "/a", SHA256: sum, Verdict: VerdictFailed, Digest: "s3://b/d"}
	plain := ObjectEntry{Key: "/a", SHA256: sum, TextSHA256: sum, Status: StatusOK}
	judged, unhashed := plain, plain
	judged.Verdict, judged.Digest = VerdictVerified, "s3://b/d"
	unhashed.TextSHA256 = ""
	cut := unhashed
	cut.TextBroken = true
	hashing, breaking, sound := v, v, v
	sound.Verdict = VerdictVerified
	hashing.TextSHA256, breaking.TextBroken = sum, true
	gone := MissingLog{Key: "/a", Digest: "s3://b/d"}
	lost, back := MissingDigest{Key: "/d", Digest: "s3://b/e"}, foundDigest{Key: "/d"}
	found := plain
	found.WasMissing = true
	for _, c := range []struct {
		name    string
		ledgers []ledgerFile // newest first
		want    string
	}{
		{"later", []ledgerFile{{Verdicts: []verdictEntry{v}}, {Objects: []ObjectEntry{plain}}}, ""},
		{"twice", []ledgerFile{{Verdicts: []verdictEntry{v}}, {Verdicts: []verdictEntry{v}}, {Objects: []ObjectEntry{plain}}}, "second verdict"},
		{"had one", []ledgerFile{{Verdicts: []verdictEntry{v}}, {Objects: []ObjectEntry{judged}}}, "second verdict"},
		{"never hashed", []ledgerFile{{Verdicts: []verdictEntry{v}}, {Objects: []ObjectEntry{unhashed}}}, "never hashed"},
		{"hashed later", []ledgerFile{{Verdicts: []verdictEntry{hashing}}, {Objects: []ObjectEntry{unhashed}}}, ""},
		{"broken later", []ledgerFile{{Verdicts: []verdictEntry{breaking}}, {Objects: []ObjectEntry{unhashed}}}, ""},
		{"hashed twice", []ledgerFile{{Verdicts: []verdictEntry{hashing}}, {Objects: []ObjectEntry{plain}}}, "hashed twice"},
		{"broken, and hashed", []ledgerFile{{Verdicts: []verdictEntry{hashing}}, {Objects: []ObjectEntry{cut}}}, "hashed twice"},
		{"broken, and verified", []ledgerFile{{Verdicts: []verdictEntry{sound}}, {Objects: []ObjectEntry{cut}}}, "no end"},
		{"broken", []ledgerFile{{Verdicts: []verdictEntry{v}}, {Objects: []ObjectEntry{cut}}}, ""},
		{"with objects", []ledgerFile{{Verdicts: []verdictEntry{v}, Objects: []ObjectEntry{{Key: "/b"}}}, {Objects: []ObjectEntry{plain}}}, "takes in objects"},
		{"unknown", []ledgerFile{{Verdicts: []verdictEntry{v}}}, "left"},
		{"came later", []ledgerFile{{Objects: []ObjectEntry{found}}, {Missing: []MissingLog{gone}}}, ""},
		{"never missing", []ledgerFile{{Objects: []ObjectEntry{found}}, {Objects: []ObjectEntry{{Key: "/b"}}}}, "left"},
		{"was here", []ledgerFile{{Missing: []MissingLog{gone}}, {Objects: []ObjectEntry{plain}}}, "called missing later"},
		{"missing twice", []ledgerFile{{Missing: []MissingLog{gone}}, {Missing: []MissingLog{gone}}}, "missing twice"},
		{"a digest", []ledgerFile{{MissingDigests: []MissingDigest{lost}}, {FoundDigests: []foundDigest{back}}, {MissingDigests: []MissingDigest{lost}}}, ""},
		{"a digest missing twice", []ledgerFile{{MissingDigests: []MissingDigest{lost}}, {MissingDigests: []MissingDigest{lost}}}, "twice in a row"},
		{"a digest found twice", []ledgerFile{{FoundDigests: []foundDigest{back}}, {FoundDigests: []foundDigest{back}}, {MissingDigests: []MissingDigest{lost}}}, "twice in a row"},
		{"a digest never missing", []ledgerFile{{FoundDigests: []foundDigest{back}}}, "left"},
		{"missing, with objects", []ledgerFile{{Missing: []MissingLog{gone}, Objects: []ObjectEntry{{Key: "/b"}}}}, "takes in objects"},
	} {
		r := &Report{}
		check := &storeCheck{checker: &checker{report: r}, s: &Store{}}
		given, missing, digests := verdictsGiven{}, missingCheck{map[[16]byte]bool{}, map[[16]byte]string{}}, digestCheck{}
		for _, l := range c.ledgers {
			check.verdicts("ledger", &l, given)
			missing.ledger("ledger", &l, check.found)
			digests.ledger("ledger", &l, check.found)
		}
		got := ""
		for _, p := range r.Problems {
			got += p.Err.Error()
		}
		if len(given)+len(missing.came)+len(digests.never()) > 0 {
			got += "left"
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
