package lake

import (
	"encoding/json"
	"testing"
)

// TestMultiset checks what makes the sum useful: order does not count, and everything
// else does.
func TestMultiset(t *testing.T) {
	type event struct {
		id, account string
		time        int64
	}
	of := func(events ...event) Multiset {
		var s multisetSum
		for _, e := range events {
			addEvent(&s, e.id, e.account, e.time)
		}
		return s.Multiset
	}
	a, b := event{"a", "1", 5}, event{"b", "2", 6}
	if of(a, b) != of(b, a) {
		t.Error("the order counts")
	}
	sum := of(a)
	sum.Add(of(b))
	if sum != of(a, b) {
		t.Error("sums do not add up")
	}
	seen := map[Multiset]string{}
	for what, m := range map[string]Multiset{
		"nothing": of(), "a": of(a), "a twice": of(a, a), "both": of(a, b), "ids exchanged": of(event{"b", "1", 5}, event{"a", "2", 6}),
		"another time": of(event{"a", "1", 6}), "another account": of(event{"a", "2", 5}), "text moved": of(event{"", "a1", 5}), "moved on": of(event{"a1", "", 5}),
	} {
		if other, ok := seen[m]; ok {
			t.Errorf("%s and %s have the same hash", what, other)
		}
		seen[m] = what
	}
	full := Multiset{^uint64(0), ^uint64(0)}
	full.Add(Multiset{0, 1})
	if full != (Multiset{}) {
		t.Errorf("the sum is not modulo 2^128: %s", full)
	}
	text, err := json.Marshal(sum)
	var back Multiset
	if err != nil || json.Unmarshal(text, &back) != nil || back != sum {
		t.Errorf("%s became %s, error %v", sum, back, err)
	}
	for _, bad := range []string{`""`, `"00"`, `"0000000000000000000000000000000g"`, `"000000000000000000000000000000000"`} {
		if json.Unmarshal([]byte(bad), &back) == nil {
			t.Errorf("%s is taken for a hash", bad)
		}
	}
}

// TestCommitRefusesExchangedEvents has as many rows as the objects gave, but others.
func TestCommitRefusesExchangedEvents(t *testing.T) {
	s := openTest(t)
	b := begin(t, s)
	defer b.Abort()
	addRows(t, b, testDay, 5, "/a")
	b.objects[0].Multiset.Add(Multiset{0, 1})
	if _, err := b.Commit(t.Context()); err == nil {
		t.Fatal("a batch was committed whose files hold other events than its objects gave")
	}
}

func BenchmarkMultiset(b *testing.B) {
	rec := rows(b, testDay, 10_000, "/logs/a", 1)
	defer rec.Release()
	for b.Loop() {
		if _, err := MultisetOf(rec); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/event")
}
