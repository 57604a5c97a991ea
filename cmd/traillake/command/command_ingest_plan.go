package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"traillake/lake"
)

// plan says what an ingest would do. Neither lake nor store is made for it.
func (o *ingestOptions) plan(ctx context.Context, src *sources, opts lake.IngestOptions) (err error) {
	l, err := o.app.openLake(ctx)
	var store *lake.Store
	switch {
	case errors.Is(err, lake.ErrLakeNotFound):
	case err != nil:
		return err
	default:
		defer func() { err = errors.Join(err, l.Close()) }()
		store, err = l.Store(ctx, o.store)
		if errors.Is(err, lake.ErrStoreNotFound) && strings.EqualFold(o.store, lake.DefaultStore) {
			err = nil
		}
		if err != nil {
			return err
		}
		if store != nil {
			if _, err := o.app.listings(ctx, l, store, src, o.relist); err != nil {
				return err
			}
		}
	}
	bar := o.app.newProgress(o.quiet || o.json)
	if bar != nil {
		opts.Progress = bar.listing
	}
	p, err := lake.PlanIngest(ctx, store, src, opts)
	bar.end()
	if p == nil {
		return err
	}
	if p.Store == "" {
		p.Store = o.store
	}
	if o.json {
		enc := o.app.jsonEncoder()
		enc.SetIndent("", "  ")
		err = errors.Join(err, enc.Encode(p))
	} else {
		_, writeErr := fmt.Fprint(o.app.stdout, planText(p, printer{people: isTerminal(o.app.stdout)}))
		err = errors.Join(err, writeErr)
		if p.ObjectsFailed > 0 {
			o.app.say("%s cannot be listed, or read for the estimate:\n", printer{people: isTerminal(o.app.stderr)}.things(p.ObjectsFailed, "object", "objects"))
			o.app.problems(p.Failures, p.ObjectsFailed, "")
		}
	}
	if err == nil && p.ObjectsFailed > 0 {
		return errFindings
	}
	return err
}

// planText tells people what an ingest would do.
func planText(p *lake.IngestPlan, pr printer) string {
	var b strings.Builder
	if p.Objects == 0 {
		fmt.Fprintf(&b, "nothing to ingest into %s\n", p.Store)
	} else {
		fmt.Fprintf(&b, "would ingest %s, %s, into %s\n", pr.things(p.Objects, "object", "objects"), pr.bytes(p.Bytes), p.Store)
	}
	if !p.First.IsZero() {
		fmt.Fprintf(&b, "delivered   %s to %s\n", p.First.Format(time.DateOnly), p.Last.Format(time.DateOnly))
		fmt.Fprintf(&b, "accounts    %s\n", some(p.Accounts, pr))
		fmt.Fprintf(&b, "regions     %s\n", some(p.Regions, pr))
	}
	if p.Estimate > 0 {
		fmt.Fprintf(&b, "time        about %s, by %s read now\n", roughly(p.Estimate), pr.things(int64(p.Sample), "object", "objects"))
	}
	for _, n := range []struct {
		count int64
		what  string
	}{
		{p.ObjectsKnown, "known already"}, {p.ObjectsExcluded, "listed, but not chosen by --from, --to, --account or --region"},
	} {
		if n.count > 0 {
			fmt.Fprintf(&b, "%s %s\n", pr.things(n.count, "object is", "objects are"), n.what)
		}
	}
	if p.ObjectsLeftOut > 0 {
		fmt.Fprintf(&b, "left out %s: %s\n", leftOutCount(p.LeftOut, pr), leftOutText(p.LeftOut, pr))
	}
	return b.String()
}

// some writes a count and the first few of a list.
func some(list []string, pr printer) string {
	const few = 5
	text := strings.Join(list[:min(len(list), few)], ", ")
	if len(list) > few {
		text += ", …"
	}
	return fmt.Sprintf("%s: %s", pr.count(int64(len(list))), text)
}

// roughly writes a duration that is only estimated.
func roughly(d time.Duration) string {
	switch {
	case d < time.Second:
		return "a second"
	case d < 2*time.Minute:
		return d.Round(time.Second).String()
	default:
		return strings.TrimSuffix(d.Round(time.Minute).String(), "0s")
	}
}
