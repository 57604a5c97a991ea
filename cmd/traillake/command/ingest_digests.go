package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"traillake/lake"
	"traillake/lake/digest/custody"
	"traillake/lake/source"
)

// The values of --verify-digests.
const (
	digestsOff     = "off"
	digestsCheck   = "check"
	digestsRequire = "require"
)

func (o *ingestOptions) checkDigests() error {
	switch o.digests {
	case digestsOff:
		if o.keys != "" {
			return errors.New("--public-keys is for --verify-digests check or require")
		}
		if o.reread {
			return errors.New("--reread is for --verify-digests check or require")
		}
	case digestsCheck, digestsRequire:
		if o.keys == "" {
			return fmt.Errorf("--verify-digests %s needs --public-keys: a file with what 'aws cloudtrail list-public-keys' printed, or aws", o.digests)
		}
	default:
		return fmt.Errorf("--verify-digests %s: give check, require or off", o.digests)
	}
	return nil
}

// loadDigests reads and checks the digests of the source that end at from or later. It knows no
// end of the period: CloudTrail may deliver a log, and name it, days after its own.
func (o *ingestOptions) loadDigests(ctx context.Context, src source.Source, from time.Time, opts *lake.IngestOptions) error {
	keys, err := o.app.publicKeys(o.keys)
	if err != nil {
		return err
	}
	load := custody.Options{Keys: keys, ByChain: true, From: from, Accounts: opts.Filter.Accounts, Regions: opts.Filter.Regions}
	bar := o.app.newProgress(o.quiet || o.json)
	if bar != nil {
		pr := printer{people: true}
		load.Progress = func(p custody.Progress) { bar.show(0, 0, pr.things(p.Digests, "digest", "digests")) }
	}
	sums, err := custody.Load(ctx, src, load)
	bar.end()
	if err != nil {
		return err
	}
	opts.Digests, opts.RequireDigests = sums, o.digests == digestsRequire
	return nil
}

// tellUnhashed says how many objects stay without a verdict because they were ingested without
// digests.
func (o *ingestOptions) tellUnhashed(r *lake.IngestResult) {
	if r.LaterUnhashed == 0 || o.json || o.quiet && !o.reread {
		return
	}
	objects := printer{people: isTerminal(o.app.stderr)}.things(r.LaterUnhashed, "object of earlier ingests has", "objects of earlier ingests have")
	if o.reread {
		o.app.say("%s no verdict, since they could not be read again as they were:\n", objects)
		o.app.problems(r.Lost, r.LaterUnhashed, "")
		return
	}
	o.app.say("%s no verdict, although digests name them, since no hash of their text was kept; --reread reads them again\n", objects)
}

// missingSummary tells people of the logs and digests that only other digests know.
func missingSummary(r *lake.IngestResult, pr printer) string {
	var parts []string
	if n := r.LogsMissing; n > 0 {
		parts = append(parts, pr.things(n, "log that digests name is not there", "logs that digests name are not there"))
	}
	if n := r.DigestsMissing; n > 0 {
		parts = append(parts, pr.things(n, "digest is", "digests are")+" not there or not valid, so that logs may be gone without a trace")
	}
	if n := r.LogsUnknown; n > 0 {
		parts = append(parts, "it cannot be told whether "+pr.things(n, "log that digests name is", "logs that digests name are")+" there")
	}
	if n := r.DigestsUnread; n > 0 {
		parts = append(parts, pr.things(n, "digest", "digests")+" could not be read")
	}
	return strings.Join(parts, "; ")
}

// verdictSummary tells people what digests say of the objects.
func verdictSummary(r *lake.IngestResult, pr printer) string {
	var b strings.Builder
	if n := r.ObjectsVerified + r.ObjectsMismatched; n > 0 {
		fmt.Fprintf(&b, "digests: %s verified, %s not what was delivered, %s that no valid digest names\n",
			pr.things(r.ObjectsVerified, "object", "objects"), pr.count(r.ObjectsMismatched), pr.count(r.ObjectsIngested-n))
	}
	if r.LaterVerified+r.LaterMismatched > 0 {
		fmt.Fprintf(&b, "digests that came later: %s of earlier ingests verified, %s not what was delivered\n",
			pr.things(r.LaterVerified, "object", "objects"), pr.count(r.LaterMismatched))
	}
	if r.ObjectsWaiting > 0 {
		fmt.Fprintf(&b, "%s not ingested; ingest again when it is there\n",
			pr.things(r.ObjectsWaiting, "object waits for a valid digest and was", "objects wait for a valid digest and were"))
	}
	return b.String()
}
