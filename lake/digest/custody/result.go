package custody

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"traillake/lake/digest"
)

// report puts together what was found.
func (v *verifier) report() *Report {
	r := &Report{Trails: []Trail{}, Findings: []Finding{}, Without: []Without{}}
	if !v.o.From.IsZero() {
		r.From = &v.o.From
	}
	if !v.o.To.IsZero() {
		r.To = &v.o.To
	}
	// Logs by the digest that says what counts of them, in its order.
	logs := make(map[*digest.Checked][]*expected)
	for _, x := range v.named {
		logs[x.by] = append(logs[x.by], x)
	}
	for _, t := range v.trails {
		v.trail(r, t, logs)
	}
	var broken []Finding
	for k, err := range v.broken {
		broken = append(broken, Finding{Kind: KindDigest, Object: k.key, Verdict: NotReadable, Detail: err.Error()})
	}
	slices.SortFunc(broken, func(a, b Finding) int { return strings.Compare(a.Object, b.Object) })
	r.Findings = append(r.Findings, broken...)
	slices.SortFunc(v.unlisted, func(a, b Finding) int { return strings.Compare(a.Object, b.Object) })
	r.Findings = append(r.Findings, v.unlisted...)
	r.Logs.Invalid += int64(len(v.unlisted))
	for k, n := range v.without {
		k.Logs = n
		r.Without = append(r.Without, k)
	}
	slices.SortFunc(r.Without, func(a, b Without) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region))
	})
	if len(v.trails) == 0 && len(v.broken) == 0 {
		r.Findings = append(r.Findings, Finding{Kind: KindNone, Verdict: "No digests found"})
	}
	return r
}

// trail adds what was found of one.
func (v *verifier) trail(r *Report, t *trail, logs map[*digest.Checked][]*expected) {
	out := Trail{
		Bucket: t.bucket, Prefix: strings.TrimSuffix(t.prefix, "/"), Account: t.name.Account, Region: t.name.Region, Name: t.name.Trail, HomeRegion: t.name.HomeRegion,
		Gaps: []Interval{}, Unsigned: t.unsigned, Outside: *v.outside[t],
	}
	if out.Unsigned == nil {
		out.Unsigned = []Interval{}
	}
	if !t.from.IsZero() {
		from, to := t.from, t.to
		if !v.o.From.IsZero() && from.Before(v.o.From) {
			from = v.o.From
		}
		if !v.o.To.IsZero() && to.After(v.o.To) {
			to = v.o.To
		}
		out.FoundFrom, out.FoundTo = &from, &to
	}
	find := func(kind Kind, object string, bad *digest.Invalid, backfill bool) {
		f := Finding{Kind: kind, Account: t.name.Account, Region: t.name.Region, Trail: t.name.Trail, Object: object, Verdict: bad.Verdict(), Backfill: backfill}
		if bad.Err != nil {
			f.Detail = bad.Err.Error()
		}
		r.Findings = append(r.Findings, f)
	}
	for _, part := range []struct {
		digests []*digest.Checked
		chain   digest.Chain
		count   *Count
	}{{t.standard, t.chain, &out.Digests}, {t.backfill, t.backfillChain, &out.Backfill}} {
		backfill := part.count == &out.Backfill
		missing := part.chain.Missing
		// Missing digests come where they would be.
		flush := func(until time.Time) {
			for len(missing) > 0 {
				if n, ok := digest.ParseName(missing[0].Key); ok && n.End.Before(until) {
					return
				}
				bad := &digest.Invalid{Reason: digest.NotFound}
				if missing[0].Elsewhere {
					bad.Err = fmt.Errorf("the trail changed its bucket: %s is another one", missing[0].Bucket)
				}
				find(KindDigest, missing[0].Ref.String(), bad, backfill)
				part.count.Invalid++
				missing = missing[1:]
			}
		}
		for _, d := range slices.Backward(part.digests) {
			flush(d.Name.End)
			switch {
			case d.Invalid != nil:
				part.count.Invalid++
				find(KindDigest, d.Ref().String(), d.Invalid, backfill)
			case !d.Verified:
				part.count.Unchecked++
				out.Unchecked = append(out.Unchecked, d.Ref().String())
			default:
				part.count.Valid++
			}
			list := logs[d]
			slices.SortFunc(list, func(a, b *expected) int { return strings.Compare(a.ref.Key, b.ref.Key) })
			for _, x := range list {
				switch {
				case !d.Valid():
					out.Logs.Unchecked++
				case x.err != nil:
					out.Logs.Invalid++
					r.Findings = append(r.Findings, Finding{
						Kind: KindLog, Account: t.name.Account, Region: t.name.Region, Trail: t.name.Trail, Object: x.ref.String(), Verdict: NotReadable, Detail: x.err.Error(),
					})
				case x.result != nil:
					out.Logs.Invalid++
					find(KindLog, x.ref.String(), x.result, false)
				default:
					out.Logs.Valid++
				}
			}
		}
		flush(time.Time{})
		for _, g := range part.chain.Gaps {
			out.Gaps = append(out.Gaps, Interval{From: g.From, To: g.To, Reason: "CloudTrail made no digests"})
		}
	}
	if out.Digests.Valid+out.Backfill.Valid == 0 {
		r.Findings = append(r.Findings, Finding{
			Kind: KindNone, Account: t.name.Account, Region: t.name.Region, Trail: t.name.Trail, Verdict: "No valid digests found in range",
		})
	}
	r.Digests.add(out.Digests)
	r.Backfill.add(out.Backfill)
	r.Logs.add(out.Logs)
	r.Trails = append(r.Trails, out)
}
