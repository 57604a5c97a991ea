package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
	case digestsCheck, digestsRequire:
		if o.keys == "" {
			return fmt.Errorf("--verify-digests %s needs --public-keys: a file with what 'aws cloudtrail list-public-keys' printed, or aws", o.digests)
		}
	default:
		return fmt.Errorf("--verify-digests %s: give check, require or off", o.digests)
	}
	return nil
}

// loadDigests reads and checks the digests of the source, where they are asked for. It knows no
// end of the period: CloudTrail may deliver a log, and name it, days after its own.
func (o *ingestOptions) loadDigests(ctx context.Context, src source.Source, opts *lake.IngestOptions) error {
	if o.digests == digestsOff {
		return nil
	}
	keys, err := o.app.publicKeys(o.keys)
	if err != nil {
		return err
	}
	load := custody.Options{Keys: keys, ByChain: true, From: opts.Filter.From, Accounts: opts.Filter.Accounts, Regions: opts.Filter.Regions}
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
	if n := sums.Invalid(); n > 0 && !o.quiet {
		o.app.say("%s not valid or not there; 'traillake digest verify' tells more\n", printer{people: true}.things(n, "digest is", "digests are"))
	}
	opts.Digests, opts.RequireDigests = sums, o.digests == digestsRequire
	return nil
}

// missingSummary tells people of the logs that only digests know.
func missingSummary(r *lake.IngestResult, pr printer) string {
	missing := pr.things(r.LogsMissing, "log that digests name is not there", "logs that digests name are not there")
	unknown := pr.things(r.LogsUnknown, "log that digests name is", "logs that digests name are")
	switch {
	case r.LogsUnknown == 0:
		return missing
	case r.LogsMissing == 0:
		return "it cannot be told whether " + unknown + " there"
	default:
		return missing + ", and of " + pr.count(r.LogsUnknown) + " more it cannot be told"
	}
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
