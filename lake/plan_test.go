package lake_test

import (
	"slices"
	"testing"
	"time"

	"traillake/lake"
	"traillake/lake/source"
)

// A plan says what an ingest then does, before there is a store and after.
func TestPlanIngest(t *testing.T) {
	key := func(account, region, day string) string {
		return "AWSLogs/" + account + "/CloudTrail/" + region + "/" + day + "/x.json.gz"
	}
	src := folder(t, map[string]string{
		key("111111111111", "us-east-1", "2023/07/10"): zip(t, event(1)),
		key("111111111111", "eu-west-1", "2023/07/12"): zip(t, event(2)),
		key("222222222222", "us-east-1", "2023/07/11"): zip(t, event(3)),
		"AWSLogs/README.md":                            "x",
	})
	o := lake.IngestOptions{Filter: source.Filter{Accounts: []string{"111111111111"}}}
	s := newStore(t)
	for name, store := range map[string]*lake.Store{"no store": nil, "empty store": s} {
		p, err := lake.PlanIngest(t.Context(), store, src, o)
		if err != nil {
			t.Fatal(err)
		}
		if p.Objects != 2 || p.Bytes == 0 || p.Sample != 2 || p.Estimate <= 0 || p.ObjectsExcluded != 1 || p.ObjectsLeftOut != 1 ||
			p.First.Format(time.DateOnly) != "2023-07-10" || p.Last.Format(time.DateOnly) != "2023-07-12" ||
			!slices.Equal(p.Accounts, []string{"111111111111"}) || !slices.Equal(p.Regions, []string{"eu-west-1", "us-east-1"}) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if r := ingest(t, s, src, o); r.ObjectsIngested != 2 {
		t.Errorf("%+v", r)
	}
	if p, err := lake.PlanIngest(t.Context(), s, src, o); err != nil || p.Objects != 0 || p.ObjectsKnown != 2 || p.Estimate != 0 {
		t.Errorf("afterwards: %+v, %v", p, err)
	}
}
