package queries

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func TestPacks(t *testing.T) {
	all := Packs().All()
	if len(all) < 10 {
		t.Errorf("%d packs, want at least 10", len(all))
	}
	for _, p := range all {
		if err := CheckPack(p, Catalog()); err != nil {
			t.Error(err)
		}
	}
}

// TestCIS says that the monitoring controls of the benchmark are all there: section 4 of
// version 3.0.0 has 4.1 to 4.16. Where it names events, the queries of the control look for each.
func TestCIS(t *testing.T) {
	p, err := Packs().Get("cis-aws-monitoring")
	if err != nil {
		t.Fatal(err)
	}
	// The event names of the benchmark's metric filters. 4.4 is not here: its query looks for all
	// writes to IAM.
	events := map[string]string{
		"4.5":  "CreateTrail UpdateTrail DeleteTrail StartLogging StopLogging",
		"4.6":  "ConsoleLogin",
		"4.7":  "DisableKey ScheduleKeyDeletion",
		"4.8":  "PutBucketAcl PutBucketPolicy PutBucketCors PutBucketLifecycle PutBucketReplication DeleteBucketPolicy DeleteBucketCors DeleteBucketLifecycle DeleteBucketReplication",
		"4.9":  "StopConfigurationRecorder DeleteDeliveryChannel PutDeliveryChannel PutConfigurationRecorder",
		"4.10": "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress RevokeSecurityGroupIngress RevokeSecurityGroupEgress CreateSecurityGroup DeleteSecurityGroup",
		"4.11": "CreateNetworkAcl CreateNetworkAclEntry DeleteNetworkAcl DeleteNetworkAclEntry ReplaceNetworkAclEntry ReplaceNetworkAclAssociation",
		"4.12": "CreateCustomerGateway DeleteCustomerGateway AttachInternetGateway CreateInternetGateway DeleteInternetGateway DetachInternetGateway",
		"4.13": "CreateRoute CreateRouteTable ReplaceRoute ReplaceRouteTableAssociation DeleteRouteTable DeleteRoute DisassociateRouteTable",
		"4.14": "CreateVpc DeleteVpc ModifyVpcAttribute AcceptVpcPeeringConnection CreateVpcPeeringConnection DeleteVpcPeeringConnection RejectVpcPeeringConnection AttachClassicLinkVpc DetachClassicLinkVpc DisableVpcClassicLink EnableVpcClassicLink",
		"4.15": "AcceptHandshake AttachPolicy CreateAccount CreateOrganizationalUnit CreatePolicy DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy DetachPolicy DisablePolicyType EnablePolicyType InviteAccountToOrganization LeaveOrganization MoveAccount RemoveAccountFromOrganization UpdatePolicy UpdateOrganizationalUnit",
	}
	var ids []string
	for _, c := range p.Controls {
		ids = append(ids, c.ID)
		var seen []string
		for _, u := range c.Queries {
			q, err := Catalog().Get(u.Query)
			if err != nil {
				t.Fatal(err)
			}
			seen = append(seen, q.APIs...)
		}
		for _, event := range strings.Fields(events[c.ID]) {
			if !slices.Contains(seen, event) {
				t.Errorf("no query of control %s looks for %s", c.ID, event)
			}
		}
	}
	if got := strings.Join(ids, " "); got != "4.1 4.2 4.3 4.4 4.5 4.6 4.7 4.8 4.9 4.10 4.11 4.12 4.13 4.14 4.15 4.16" {
		t.Error(got)
	}
}

// TestATTACK says that the pack of techniques has every technique of the catalogue with
// every query that looks for it and needs no value.
func TestATTACK(t *testing.T) {
	p, err := Packs().Get("mitre-attack-cloud")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, q := range Catalog().All() {
		if slices.ContainsFunc(q.Params, func(p Param) bool { return !p.Optional }) {
			continue
		}
		for _, technique := range q.Techniques {
			want[technique] = append(want[technique], q.Name)
		}
	}
	for _, c := range p.Controls {
		var got []string
		for _, u := range c.Queries {
			got = append(got, u.Query)
		}
		slices.Sort(got)
		if !slices.Equal(got, want[c.ID]) {
			t.Errorf("control %s has the queries %v, want %v", c.ID, got, want[c.ID])
		}
		delete(want, c.ID)
	}
	for technique, names := range want {
		t.Errorf("no control %s for %v", technique, names)
	}
}

const soundPack = `name: mine
title: Mine
description: For a test.
controls:
  - id: "1"
    title: Root
    requirement: Root rests.
    expect: none
    severity: high
    queries:
      - root-use
      - name: access-denied-by-principal
        params: {min_denials: 5, since: start of period - 30 days}
      - name: role-trusts-other-accounts
        params:
          known_accounts: ["111122223333", "444455556666"]
    evidence: Calls of root.
    limits: One store.
`

func TestParsePack(t *testing.T) {
	p, err := ParsePack("packs/mine.yaml", []byte(soundPack))
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckPack(p, Catalog()); err != nil {
		t.Fatal(err)
	}
	c := p.Controls[0]
	if c.Line != 5 || c.Queries[0].Line != 11 || c.Expect != ExpectNone {
		t.Errorf("%+v", c)
	}
	if got := c.Queries[2].Params["known_accounts"]; got != "111122223333, 444455556666" {
		t.Errorf("a list becomes %q", got)
	}
}

// TestPackMistakes changes one thing of a sound pack.
func TestPackMistakes(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"title: Mine", "titel: Mine", `packs/mine.yaml:2: no key "titel" here`},
		{"    limits: One store.", "    limit: One store.", `packs/mine.yaml:18: no key "limit" here`},
		{"title: Mine", "title: [Mine", "packs/mine.yaml:"},
		{"title: Mine", "title: Mine\ntitle: Mine", "already"},
		{"name: mine", "name: other", "the file is called mine.yaml, not other.yaml"},
		{"name: mine", "name: My Pack", "lower-case words"},
		{"title: Mine", "title: ''", "a pack has a title"},
		{"root-use", "root-us", `packs/mine.yaml:11: control 1: saved query not found: "root-us"; did you mean root-use`},
		{"min_denials: 5", "min_denials: five", "packs/mine.yaml:12: control 1: query access-denied-by-principal: parameter min_denials"},
		{"min_denials: 5", "min_denial: 5", "no such parameter"},
		{"start of period - 30 days", "start of time", "parameter since"},
		{"start of period - 30 days", "start of period - some days", "is no time"},
		{"        params: {min", "        parms: {min", `no key "parms"`},
		{"      - name: access-denied-by-principal\n        params", "      - params", "a query without a name"},
		{`["111122223333", "444455556666"]`, `{a: b}`, "a value is a text"},
		{`["111122223333", "444455556666"]`, `["a,b"]`, "texts without commas"},
		{"expect: none", "expect: rows", `no expectation "rows"`},
		{"severity: high", "severity: huge", `no severity "huge"`},
		{"    evidence: Calls of root.\n", "", "title, requirement, evidence and limits"},
		{"    severity: high", "    severity: high\n    needs: [dat]", `no category of events "dat"; they are data, insight, management, network`},
		{soundPack, "", "empty file"},
		{"name: mine", "---\nname: mine\n---\nname: mine", "more than one YAML document"},
		{"controls:", "controls: []\nscope: |", "no controls"},
		{"    limits: One store.\n", "    limits: One store.\n" + strings.SplitAfter(soundPack, "controls:\n")[1], "control 1: the id is there twice, first in line 5"},
	} {
		text := strings.Replace(soundPack, c.from, c.to, 1)
		p, err := ParsePack("packs/mine.yaml", []byte(text))
		if err == nil {
			err = CheckPack(p, Catalog())
		}
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %q: %v, want %q", c.to, err, c.want)
		}
		var at *FileError
		if err != nil && !errors.As(err, &at) {
			t.Errorf("with %q: no place in a file: %v", c.to, err)
		}
	}
}

// TestUseValues binds the period, and times that are relative to it.
func TestUseValues(t *testing.T) {
	q, err := Parse("", []byte("-- name: q\n-- params:\n--   since: timestamp = now - 7 days\n--   until: timestamp = now\n--   split: timestamp = now\n--   day: date = now\n--   limit: integer = 20\n--   text: string = x\nSELECT :since, :until, :split, :day, :limit, :text"))
	if err != nil {
		t.Fatal(err)
	}
	bare, err := Parse("", []byte("-- name: bare\nSELECT 1"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Use{Query: "bare"}).Values(bare, time.Time{}, time.Time{}); !errors.Is(err, ErrParameter) {
		t.Errorf("a query that no period bounds gives %v", err)
	}
	since, until := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		params map[string]string
		want   string
	}{
		{nil, "day=2026-11-01 limit=1000000000 since=2026-10-01T00:00:00Z split=2026-11-01T00:00:00Z text=x until=2026-11-01T00:00:00Z"},
		{map[string]string{"limit": "5", "since": "start of period - 30 days", "split": "Start of  period", "day": "end of period - 1 day", "text": "start of period"},
			"day=2026-10-31 limit=5 since=2026-09-01T00:00:00Z split=2026-10-01T00:00:00Z text=start of period until=2026-11-01T00:00:00Z"},
		{map[string]string{"since": "now - 60 days", "until": "2026-10-15"},
			"day=2026-11-01 limit=1000000000 since=2026-09-02T00:00:00Z split=2026-11-01T00:00:00Z text=x until=2026-10-15T00:00:00Z"},
	} {
		u := Use{Query: "q", Params: c.params}
		before := maps.Clone(c.params)
		values, err := u.Values(q, since, until)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range slices.Sorted(maps.Keys(values)) {
			got = append(got, name+"="+values[name].Text())
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%v gives\n%s, want\n%s", c.params, s, c.want)
		}
		if !maps.Equal(before, u.Params) {
			t.Error("the pack's values were changed")
		}
	}
}

func TestPackDirAndMerge(t *testing.T) {
	dir := t.TempDir()
	if set, err := PackDir(dir); err != nil || len(set.All()) != 0 {
		t.Errorf("a folder without packs gives %v, %v", set.All(), err)
	}
	write := func(name, text string) {
		path := filepath.Join(dir, PackFolder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("mine.yaml", soundPack)
	write("sub/weekly-review.yaml", strings.Replace(soundPack, "name: mine", "name: weekly-review", 1))
	write("broken.yaml", "name: [")
	write("notes.txt", "no pack")
	write(".git/x.yaml", "no pack")
	own, err := PackDir(dir)
	if err == nil || !strings.Contains(err.Error(), "broken.yaml:") || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("the error is %v", err)
	}
	merged := Packs().Merge(own)
	if n := len(merged.All()); n != len(Packs().All())+1 {
		t.Errorf("%d packs", n)
	}
	p, err := merged.Get("weekly-review")
	if err != nil || p.Title != "Mine" || p.Overrides == "" {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := merged.Get("weekly-reviews"); !errors.Is(err, ErrPackNotFound) || !strings.Contains(err.Error(), "did you mean weekly-review") {
		t.Error(err)
	}
	twice := fstest.MapFS{"a/mine.yaml": {Data: []byte(soundPack)}, "b/mine.yaml": {Data: []byte(soundPack)}}
	if _, err := loadPacks(twice, ""); err == nil || !strings.Contains(err.Error(), "pack mine is in a/mine.yaml too") {
		t.Error(err)
	}
}

// TestUnreadablePacks wants what cannot be read not to keep anybody from the other packs.
func TestUnreadablePacks(t *testing.T) {
	set, err := loadPacks(fstest.MapFS{
		"a/pipe.yaml": {Data: []byte("x"), Mode: fs.ModeNamedPipe}, "a/dangling.yaml": {Data: []byte("nothing"), Mode: fs.ModeSymlink},
		"mine.yaml": {Data: []byte(soundPack)},
	}, "own")
	if names := set.All(); len(names) != 1 || names[0].Name != "mine" {
		t.Errorf("%d packs", len(names))
	}
	for _, want := range []string{"read pack own/a/pipe.yaml: a/pipe.yaml is no regular file", "read pack own/a/dangling.yaml: "} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q:\n%v", want, err)
		}
	}
}

// lockedFS has a folder that cannot be read.
type lockedFS struct{ fstest.MapFS }

func (l lockedFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == "a" {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return l.MapFS.ReadDir(name)
}

// TestUnreadableFolder wants the error to say which folder it is of, not only where in that of the
// user it lies.
func TestUnreadableFolder(t *testing.T) {
	locked := lockedFS{fstest.MapFS{"a/mine.yaml": {Data: []byte(soundPack)}, "mine.yaml": {Data: []byte(soundPack)}}}
	set, err := loadPacks(locked, "own/packs")
	if err == nil || !strings.Contains(err.Error(), "read packs in own/packs/a: ") || len(set.All()) != 1 {
		t.Errorf("%d packs, %v", len(set.All()), err)
	}
	if _, err := load(locked, "own"); err == nil || !strings.Contains(err.Error(), "read saved queries in own/a: ") {
		t.Error(err)
	}
}

// FuzzParsePack says that no text makes the parser panic, and that what parses can be
// checked.
func FuzzParsePack(f *testing.F) {
	f.Add([]byte(soundPack))
	f.Add([]byte("name: &a [*a]"))
	f.Add([]byte("controls: [{queries: [[]]}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if p, err := ParsePack("x.yaml", text); err == nil {
			_ = CheckPack(p, Catalog())
		}
	})
}
