package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"traillake/lake"
)

const verifyLong = `Verify checks that the lake is whole: that every file that a commit names is there with
its size, that all counts agree with each other, that every source object was taken in
exactly once, that no event lies outside its day, that the chain of commits is unbroken.
It prints what it checked, on how many things, and what is wrong. It changes nothing, and
may run while others ingest.

--deep also reads every data file to its end, and compares its hash and event times.

--repair first puts right what needs no guess: a store's name that is lost, a version hint
that is behind or torn, files that were begun three days ago and never finished. Nothing
that a commit could reach is touched; other damage is reported and stays.

--export-audit FILE writes the commit records of all stores, one line of JSON each, as they
are on disk: prev of each line holds the SHA-256 of the line before, newline included. Keep
the hash of a store's last line, which verify prints: it proves later that no commit before
it was rewritten.

--export DIR leaves a signed statement for somebody else in a folder, or under
s3://BUCKET/PREFIX: what was checked and found, every file of the lake and every source
object that was ingested with its SHA-256, and the commit records. The key is that of
reports ('report key init'). The same lake, checked in the same way, gives the same bytes.

--against FOLDER checks such a statement; no lake, no AWS and nothing of its maker is needed.
It checks the signature, that all files are as they were signed, and the chain of commits;
then, byte for byte, a copy of the lake (--lake) and the log files or copies of them
(--sources, a folder or s3://), if you have them, and these against CloudTrail's digests
(--public-keys, as for 'digest verify'). It says how many files are the same, changed,
missing, and not listed. What is not listed may have come later and is no problem by itself;
what the statement itself says was wrong is one.
That proves that lake and logs are those of the statement. It does not prove when it was
signed, nor that its maker's lake was right: README.txt in the folder says more.

Exit code 0 means that the lake is whole, 3 that something is wrong.`

// verifyOptions are the flags of verify.
type verifyOptions struct {
	app    *app
	deep   bool
	json   bool
	repair bool
	audit  string // file to write the audit chains to
	// export is where to leave a statement, key the file of the key that signs it.
	export, key string
	// against is the folder of a statement, publicKey the file of the key that signed it.
	// sources are the source objects, keys the public keys for the digests beside them.
	against, publicKey string
	sources            []string
	keys               string
	verbose            bool
}

func newVerify(a *app) *cobra.Command {
	o := &verifyOptions{app: a}
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that the lake is whole, for others to check again",
		Long:  verifyLong,
		Example: `  traillake verify
  traillake verify --deep
  traillake verify --repair
  traillake verify --deep --export-audit audit-2026-11.jsonl
  traillake verify --deep --export statement-2026-11
  traillake verify --against statement-2026-11 --public-key signer.pem
  traillake verify --against statement-2026-11 --public-key signer.pem --lake ./copy --sources ./AWSLogs
  traillake verify --json`,
		Args: arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.checkFlags(cmd); err != nil {
				return err
			}
			if o.against != "" {
				return o.verifyAgainst(cmd.Context())
			}
			return o.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.export, "export", "", "leave a signed statement in this `folder`, which must not be there yet, or under s3://BUCKET/PREFIX")
	f.StringVar(&o.key, "key", "", keyFileUsage)
	f.StringVar(&o.against, "against", "", "check the statement in this `folder`, and what there is against it")
	f.StringVar(&o.publicKey, "public-key", "", "with --against: `file` of the public key of who signed it")
	f.StringArrayVar(&o.sources, "sources", nil, "with --against: `folder` or s3://BUCKET/PREFIX with the log files; may be repeated")
	f.StringVar(&o.keys, "public-keys", "", "with --sources: "+publicKeysUsage)
	f.BoolVar(&o.verbose, "verbose", false, "with --against: name every file, also those that are the same or not listed")
	f.BoolVar(&o.deep, "deep", false, "also read every data file to its end")
	f.BoolVar(&o.repair, "repair", false, "first put right what needs no guess")
	f.StringVar(&o.audit, "export-audit", "", "write the commit records to a new `file`")
	f.BoolVar(&o.json, "json", false, "print the outcome as JSON (see 'traillake help json')")
	return cmd
}

// verifyReport is what verify prints as JSON; 'traillake help json' documents it.
type verifyReport struct {
	Lake     string          `json:"lake"`
	Deep     bool            `json:"deep"`
	Checks   []verifyCheck   `json:"checks"`
	Problems []verifyProblem `json:"problems"`
	Orphans  []verifyOrphan  `json:"orphans"`
	Repaired []verifyRepair  `json:"repaired,omitempty"`
	Audit    []verifyAudit   `json:"audit,omitempty"`
}

type verifyRepair struct {
	Store string `json:"store,omitempty"`
	Path  string `json:"path"`
	What  string `json:"what"`
}

// verifyAudit tells where the exported chain of a store ends.
type verifyAudit struct {
	Store  string `json:"store"`
	Commit int64  `json:"commit"`
	SHA256 string `json:"sha256"`
}

type verifyCheck struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Unit    string `json:"unit"`
	Checked int64  `json:"checked"`
}

type verifyProblem struct {
	Check  string `json:"check"`
	Store  string `json:"store,omitempty"`
	Path   string `json:"path,omitempty"`
	Reason string `json:"reason"`
}

type verifyOrphan struct {
	Path string `json:"path"`
	Size int64  `json:"size"`
}

func (o *verifyOptions) run(ctx context.Context) (err error) {
	l, err := o.app.openLake(ctx)
	if errors.Is(err, lake.ErrCorrupt) {
		root, rootErr := o.app.lakeRoot()
		problem := verifyProblem{Check: "lake", Path: "lake.json", Reason: err.Error()}
		return errors.Join(rootErr, o.print(&verifyReport{
			Lake: root, Deep: o.deep, Checks: []verifyCheck{}, Problems: []verifyProblem{problem}, Orphans: []verifyOrphan{},
		}))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	var repaired []lake.Repaired
	if o.repair {
		if repaired, err = lake.Repair(ctx, l); err != nil {
			return err
		}
	}
	var chains []verifyAudit
	if o.audit != "" {
		if chains, err = exportAudit(ctx, l, o.audit); err != nil {
			return err
		}
	}
	bar := o.app.newProgress(o.json)
	opts := lake.CheckOptions{Deep: o.deep}
	if bar != nil {
		pr := printer{people: true}
		opts.Progress = func(done, total int64) {
			bar.show(done, total, fmt.Sprintf("%s of %s", pr.count(done), pr.things(total, "data file", "data files")))
		}
	}
	var report *lake.Report
	if o.export != "" {
		report, err = o.writeStatement(ctx, l, opts)
	} else {
		report, err = lake.Check(ctx, l, opts)
	}
	bar.end()
	if err != nil {
		return err
	}
	r := reportOf(l.Root(), o.deep, report)
	for _, f := range repaired {
		r.Repaired = append(r.Repaired, verifyRepair{f.Store, f.Path, f.What})
	}
	r.Audit = chains
	return o.print(r)
}

// exportAudit writes the chains of all stores to a new file.
func exportAudit(ctx context.Context, l *lake.Lake, file string) (chains []verifyAudit, err error) {
	stores, err := l.Stores(ctx)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("export audit chain: %w", err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	for _, s := range stores {
		sum, seq, err := s.ExportAudit(ctx, f)
		if err != nil {
			return nil, err
		}
		chains = append(chains, verifyAudit{s.Name(), seq, sum})
	}
	return chains, f.Sync()
}

// print prints the report. The error is errFindings when it lists problems.
func (o *verifyOptions) print(r *verifyReport) error {
	var err error
	if o.json {
		enc := o.app.jsonEncoder()
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		_, err = io.WriteString(o.app.stdout, r.text(printer{people: isTerminal(o.app.stdout)}))
	}
	if err == nil && len(r.Problems) > 0 {
		err = errFindings
	}
	return err
}

func reportOf(root string, deep bool, report *lake.Report) *verifyReport {
	r := &verifyReport{Lake: root, Deep: deep, Checks: []verifyCheck{}, Problems: []verifyProblem{}, Orphans: []verifyOrphan{}}
	for _, c := range report.Checks {
		r.Checks = append(r.Checks, verifyCheck{c.ID, c.Title, c.Unit, c.Checked})
	}
	for _, p := range report.Problems {
		r.Problems = append(r.Problems, verifyProblem{p.Invariant, p.Store, p.Path, p.Err.Error()})
	}
	for _, f := range report.Orphans {
		r.Orphans = append(r.Orphans, verifyOrphan{f.Name, f.Size})
	}
	return r
}

// text is the report for people.
func (r *verifyReport) text(pr printer) string {
	var b strings.Builder
	fmt.Fprintf(&b, "lake %s\n", r.Lake)
	for _, f := range r.Repaired {
		fmt.Fprintf(&b, "repaired %s: %s\n", f.Path, f.What)
	}
	for _, c := range r.Audit {
		fmt.Fprintf(&b, "exported %s up to commit %d: sha256 %s\n", c.Store, c.Commit, c.SHA256)
	}
	title := 0
	for _, c := range r.Checks {
		title = max(title, len(c.Title))
	}
	for _, c := range r.Checks {
		wrong := 0
		for _, p := range r.Problems {
			if p.Check == c.ID {
				wrong++
			}
		}
		outcome := "ok"
		if wrong > 0 {
			outcome = pr.things(int64(wrong), "problem", "problems")
		}
		fmt.Fprintf(&b, "  %-3s %-*s  %s %s: %s\n", c.ID, title, c.Title, pr.count(c.Checked), c.Unit, outcome)
	}
	for _, p := range r.Problems {
		place := ""
		for _, s := range []string{p.Store, p.Path} {
			if s != "" {
				place += s + ": "
			}
		}
		fmt.Fprintf(&b, "%s: %s%s\n", p.Check, place, p.Reason)
	}
	if n := int64(len(r.Orphans)); n > 0 {
		var bytes int64
		for _, f := range r.Orphans {
			bytes += f.Size
		}
		fmt.Fprintf(&b, "%s that no commit names (%s): left by writers that are busy or were killed; no problem\n",
			pr.things(n, "file", "files"), pr.bytes(bytes))
	}
	if len(r.Problems) == 0 {
		b.WriteString("the lake is whole\n")
	} else {
		fmt.Fprintf(&b, "%s found\n", pr.things(int64(len(r.Problems)), "problem", "problems"))
	}
	return b.String()
}
