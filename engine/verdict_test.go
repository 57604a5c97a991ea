package engine

import (
	"errors"
	"iter"
	"strings"
	"testing"

	"traillake/lake"
)

func objects(list []lake.ObjectEntry, err error) iter.Seq2[lake.ObjectEntry, error] {
	return func(yield func(lake.ObjectEntry, error) bool) {
		for _, o := range list {
			if !yield(o, nil) {
				return
			}
		}
		if err != nil {
			yield(lake.ObjectEntry{}, err)
		}
	}
}

func TestVerdictSQL(t *testing.T) {
	o := func(seq int64, key string, v lake.Verdict) lake.ObjectEntry {
		return lake.ObjectEntry{Seq: seq, Key: key, Verdict: v}
	}
	for _, c := range []struct {
		name string
		list []lake.ObjectEntry
		want string
	}{
		{"none", nil, `'unverified'`},
		{"nobody asked", []lake.ObjectEntry{o(1, "a", ""), o(2, "b", "")}, `'unverified'`},
		{"all", []lake.ObjectEntry{o(1, "a", "verified"), o(3, "b", "verified")}, `CASE WHEN "_ingest_seq" IN (1, 3) THEN 'verified' ELSE 'unverified' END`},
		{"one not", []lake.ObjectEntry{o(1, "a", "verified"), o(1, "b'", "failed"), o(1, "c", "verified")},
			`CASE WHEN "_ingest_seq" = 1 AND "_source" IN ('b''') THEN 'failed' WHEN "_ingest_seq" IN (1) THEN 'verified' ELSE 'unverified' END`},
		{"two buckets, one key", []lake.ObjectEntry{o(1, "a", "failed"), o(1, "a", "verified")}, `CASE WHEN "_ingest_seq" IN (1) THEN 'failed' ELSE 'unverified' END`},
	} {
		if got, err := verdictSQL(objects(c.list, nil)); err != nil || got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s, error %v", c.name, got, c.want, err)
		}
	}
	torn := errors.New("torn")
	if _, err := verdictSQL(objects(nil, torn)); !errors.Is(err, torn) {
		t.Errorf("an error of the ledger became %v", err)
	}
	var many []lake.ObjectEntry
	for i := range 2*maxVerdictNames + 2 {
		many = append(many, o(1, string(rune('a'+i%2))+strings.Repeat("x", i%7)+string(rune(i+0x10000)), []lake.Verdict{"failed", "verified"}[i%2]))
	}
	if _, err := verdictSQL(objects(many, nil)); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("too many verdicts: %v", err)
	}
}
