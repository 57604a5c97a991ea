package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"traillake/engine/encode"
	"traillake/internal/sealed"
	"traillake/internal/sign"
	"traillake/internal/vfs"
	"traillake/lake"
	"traillake/lake/digest/custody"
	"traillake/lake/evidence"
	"traillake/lake/source"
)

// writeStatement checks the lake, and leaves a signed statement on it.
func (o *verifyOptions) writeStatement(ctx context.Context, l *lake.Lake, opts lake.CheckOptions) (*lake.Report, error) {
	key, err := o.app.signingKey(o.key)
	if err == nil && key == nil {
		err = errors.New("there is no key to sign with; 'traillake report key init' makes one")
	}
	if err != nil {
		return nil, err
	}
	var report *lake.Report
	err = o.app.leave(ctx, o.export, sealed.ManifestName, func(dir string) (err error) {
		_, report, err = evidence.Write(ctx, l, dir, evidence.Options{Check: opts, Key: key, Tool: "traillake " + version()})
		return err
	})
	if err == nil {
		o.app.say("the statement lies in %s, signed by the key %s\n", o.export, key.Public().Fingerprint())
	}
	return report, err
}

// againstReport is what verify --against prints as JSON; 'traillake help json' documents it.
type againstReport struct {
	*evidence.Result
	// Trusted says that the key was given, and is not the one that lies in the folder.
	Trusted  bool               `json:"trusted"`
	Findings []evidence.Finding `json:"findings"`
	Digests  *custody.Report    `json:"digests,omitempty"`
}

// verifyAgainst checks a statement, and what there is against it.
func (o *verifyOptions) verifyAgainst(ctx context.Context) (err error) {
	a := o.app
	r := &againstReport{Trusted: o.publicKey != "", Findings: []evidence.Finding{}}
	opts := evidence.VerifyOptions{Found: func(f evidence.Finding) {
		shown := f.Outcome == evidence.Changed || f.Outcome == evidence.Missing || f.Detail != ""
		if shown || o.verbose {
			r.Findings = append(r.Findings, f)
		}
	}}
	if o.publicKey != "" {
		text, err := os.ReadFile(o.publicKey)
		if err != nil {
			return err
		}
		key, err := sign.ParsePublic(text)
		if err != nil {
			return fmt.Errorf("--public-key %s: %w", o.publicKey, err)
		}
		opts.Key = &key
	}
	digests := custody.Options{}
	if o.keys != "" {
		if digests.Keys, err = a.publicKeys(o.keys); err != nil {
			return err
		}
	}
	if a.lakeDir != "" { // a lake that is only the default is nobody's copy
		st, err := a.copyOf(ctx, a.lakeDir)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, st.Close()) }()
		opts.Lake = lake.Plain(st)
	}
	var src *sources
	if len(o.sources) > 0 {
		if src, err = a.openSources(ctx, o.sources, source.Filter{}, false); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, src.Close()) }()
		opts.Sources = src
	}
	if r.Result, err = evidence.Verify(ctx, o.against, opts); err != nil {
		return err
	}
	slices.SortFunc(r.Findings, func(a, b evidence.Finding) int {
		return cmp.Or(strings.Compare(string(a.Where), string(b.Where)), strings.Compare(a.Name, b.Name), strings.Compare(string(a.Outcome), string(b.Outcome)))
	})
	if o.keys != "" && r.Sources != nil { // of a damaged statement, nothing is compared
		if r.Digests, err = custody.Verify(ctx, src, digests); err != nil {
			return err
		}
	}
	if o.json {
		enc := a.jsonEncoder()
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		err = enc.Encode(r)
	} else {
		_, err = a.stdout.Write([]byte(r.text(printer{people: isTerminal(a.stdout)}, o.verbose)))
	}
	if err == nil && (!r.OK() || r.Digests != nil && len(r.Digests.Findings) > 0) {
		err = errFindings
	}
	return err
}

// copyOf returns the storage of a copy of a lake, which may be damaged.
func (a *app) copyOf(ctx context.Context, place string) (lake.Storage, error) {
	if onS3(place) {
		o, err := a.lakeOptions(ctx, place)
		return o.Storage, err
	}
	if info, err := os.Stat(place); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("--lake %s: there is no such folder", place)
	}
	return lake.LocalStorage(vfs.OS, place)
}

// text is the outcome for people.
func (r *againstReport) text(pr printer, verbose bool) string {
	var b strings.Builder
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, encode.Printable(fmt.Sprintf(format, args...)))
	}
	for _, p := range r.Folder.Problems {
		line("folder", "%s: %s", p.File, p.What)
	}
	if len(r.Folder.Problems) > 0 {
		line("folder", "%s; nothing in it can be believed, and nothing was compared with it", pr.things(int64(len(r.Folder.Problems)), "problem", "problems"))
		return b.String()
	}
	st := r.Statement
	whose := ""
	if !r.Trusted {
		whose = ", which lies in the folder itself: anybody may have made it; --public-key says whose it must be"
	}
	line("folder", "%s signed by the key %s%s", pr.things(int64(len(r.Folder.Files)), "file is as it was", "files are as they were"), r.Folder.Signer, whose)
	line("about", "lake %s, by %s", st.Lake.ID, st.Tool)
	for _, s := range st.Stores {
		missing := ""
		if s.MissingLogs != nil {
			missing = fmt.Sprintf(", %s missing", pr.count(*s.MissingLogs))
		}
		if n := s.MissingDigests; n != nil && *n > 0 {
			missing += "; " + pr.things(*n, "digest", "digests") + " missing or not valid"
		}
		line("store", "%s at commit %d of %s: %s in %s, from %s (by CloudTrail's digests %s verified, %s unverified, %s failed%s)", s.Name, s.Commit, s.Committed.Format("2006-01-02 15:04:05 UTC"),
			pr.things(s.Events, "event", "events"), pr.things(s.DataFiles, "data file", "data files"), pr.things(s.Objects, "object", "objects"), pr.count(s.Verified), pr.count(s.Unverified), pr.count(s.Failed), missing)
	}
	line("chain", "%s, each with the hash of the one before: unbroken", pr.things(r.Commits, "commit record", "commit records"))
	read := "; data files were not read to their ends (that takes --deep)"
	if st.Deep {
		read = ", and every data file was read to its end"
	}
	if n := int64(len(st.Problems)); n == 0 {
		line("stated", "the lake was whole when this was signed%s", read)
	} else {
		line("stated", "%s when this was signed%s:", pr.things(n, "problem was found", "problems were found"), read)
		for _, p := range st.Problems {
			line("", "%s %s %s: %s", p.Check, p.Store, p.Path, p.Reason)
		}
	}
	for _, f := range r.Findings {
		detail := ""
		if f.Detail != "" {
			detail = ": " + f.Detail
		}
		place := "sources"
		if f.Where == evidence.InLake {
			place = "copy"
		}
		line(place, "%s %s%s", f.Outcome, f.Name, detail)
	}
	compared := func(name, one, more, without string, c *evidence.Compared) {
		if c == nil {
			line(name, "%s", without)
			return
		}
		line(name, "%s: %s same, %s changed, %s missing; %s not listed", pr.things(c.Same+c.Changed+c.Missing+c.Unknown+c.Streams, one, more),
			pr.count(c.Same), pr.count(c.Changed), pr.count(c.Missing), pr.count(c.NotListed))
		if c.Unknown > 0 {
			line("", "%s listed without a hash, since they could not be read when they were ingested", pr.things(c.Unknown, "is", "are"))
		}
		if c.Streams > 0 {
			line("", "%s through standard input, so that there is no file of that name to compare", pr.things(c.Streams, "came", "came"))
		}
	}
	compared("copy", "file of the lake", "files of the lake", "not compared; --lake names a copy of the lake", r.Lake)
	compared("sources", "source object", "source objects", "not compared; --sources names copies of the log files", r.Sources)
	switch {
	case r.Digests != nil:
		b.WriteString("\nCloudTrail's digests say of the sources:\n" + digestText(r.Digests, verbose, pr))
	case r.Sources != nil:
		line("", "not compared with CloudTrail's digests; --public-keys has CloudTrail's keys")
	}
	if (r.Lake != nil && r.Lake.NotListed > 0 || r.Sources != nil && r.Sources.NotListed > 0) && !verbose {
		line("", "not listed is what came later, older versions of a store, and what never was part of the lake; --verbose names it")
	}
	return b.String()
}

// checkFlags finds flags that do not go together.
func (o *verifyOptions) checkFlags(cmd *cobra.Command) error {
	switch {
	case o.against != "" && (o.export != "" || o.audit != "" || o.repair || o.deep):
		return usagef(cmd, "--against checks a statement; --export, --export-audit, --repair and --deep are for a lake of yours")
	case o.against == "" && (o.publicKey != "" || len(o.sources) > 0 || o.keys != "" || o.verbose):
		return usagef(cmd, "--public-key, --sources, --public-keys and --verbose go with --against FOLDER")
	case o.keys != "" && len(o.sources) == 0:
		return usagef(cmd, "--public-keys is for the digests beside the log files; give --sources, too")
	case o.export == "" && o.key != "":
		return usagef(cmd, "--key signs what --export leaves; give both")
	}
	return localOnly(cmd, o.against)
}
