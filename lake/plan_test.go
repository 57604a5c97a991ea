package lake_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
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

// closed is a source of which one object cannot be opened.
type closed struct {
	source.Source
	key string
}

func (s closed) Open(ctx context.Context, obj source.Object) (io.ReadCloser, error) {
	if strings.HasSuffix(obj.Key, s.key) {
		return nil, errors.New("no way in")
	}
	return s.Source.Open(ctx, obj)
}

// What cannot be read of the sample is told, and the estimate made of the rest.
func TestPlanIngestUnreadable(t *testing.T) {
	src := folder(t, map[string]string{"a.json.gz": zip(t, event(1)), "b.json.gz": zip(t, event(2)), "c.json.gz": zip(t, event(3))})
	p, err := lake.PlanIngest(t.Context(), nil, closed{src, "b.json.gz"}, lake.IngestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Objects != 3 || p.Sample != 2 || p.Estimate <= 0 || p.ObjectsFailed != 1 || len(p.Failures) != 1 || p.Failures[0].Reason != "no way in" {
		t.Errorf("%+v", p)
	}
}
