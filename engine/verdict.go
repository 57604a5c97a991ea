package engine

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"traillake/lake"
	"traillake/schema"
)

// verdictColumns are the columns that _source_verdict is computed from, and itself.
var verdictColumns = []string{schema.ColSourceVerdict, schema.ColSource, schema.ColIngestSeq}

// unverified is what _source_verdict says where the ledger has no verdict.
const unverified = "unverified"

// maxVerdictNames is how many objects a query may have to name one by one: 20 MB of SQL.
const maxVerdictNames = 100_000

// verdictSQL returns the expression of _source_verdict over the stored columns. Objects of
// one commit mostly have one verdict, so only those that differ from the most are named.
// Two objects of one commit with the same key, from two buckets, have the worse verdict.
func verdictSQL(objects iter.Seq2[lake.ObjectEntry, error]) (string, error) {
	commits := map[int64]map[string]string{} // verdicts by key
	rank := func(v string) int {
		return slices.Index([]string{string(lake.VerdictVerified), unverified, string(lake.VerdictFailed)}, v)
	}
	for o, err := range objects {
		if err != nil {
			return "", fmt.Errorf("read verdicts: %w", err)
		}
		v := cmp.Or(string(o.Verdict), unverified)
		keys := commits[o.Seq]
		if keys == nil {
			keys = map[string]string{}
			commits[o.Seq] = keys
		}
		if have, ok := keys[o.Key]; !ok || rank(v) > rank(have) {
			keys[o.Key] = v
		}
	}
	seq, key := quoteName(schema.ColIngestSeq), quoteName(schema.ColSource)
	whole := map[string][]string{} // commits by the verdict of most
	var b strings.Builder
	named := 0
	for _, n := range slices.Sorted(maps.Keys(commits)) {
		byVerdict := map[string][]string{}
		for k, v := range commits[n] {
			byVerdict[v] = append(byVerdict[v], k)
		}
		most := ""
		for _, v := range slices.Sorted(maps.Keys(byVerdict)) {
			if most == "" || len(byVerdict[v]) > len(byVerdict[most]) {
				most = v
			}
		}
		whole[most] = append(whole[most], fmt.Sprint(n))
		delete(byVerdict, most)
		for _, v := range slices.Sorted(maps.Keys(byVerdict)) {
			list := byVerdict[v]
			slices.Sort(list)
			if named += len(list); named > maxVerdictNames {
				return "", fmt.Errorf("read verdicts: more than %d objects differ from the others of their commits, which is too many for a query; 'traillake coverage' counts them", maxVerdictNames)
			}
			fmt.Fprintf(&b, " WHEN %s = %d AND %s IN (%s) THEN %s", seq, n, key, quotedList(list), quoteText(v))
		}
	}
	delete(whole, unverified)
	for _, v := range slices.Sorted(maps.Keys(whole)) {
		fmt.Fprintf(&b, " WHEN %s IN (%s) THEN %s", seq, strings.Join(whole[v], ", "), quoteText(v))
	}
	if b.Len() == 0 {
		return quoteText(unverified), nil
	}
	return "CASE" + b.String() + " ELSE " + quoteText(unverified) + " END", nil
}

// judged adds _source_verdict to the stored columns, if the pin is to have it.
func (p *Pin) judged(from string) string {
	if p.verdict == "" {
		return from
	}
	return "(SELECT *, " + p.verdict + " AS " + quoteName(schema.ColSourceVerdict) + " FROM " + from + ")"
}
