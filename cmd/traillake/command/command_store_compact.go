package command

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"traillake/lake"
)

const storeCompactLong = `Merge a store's small files into few large ones, day by day, so that queries open fewer
and compress better. 'traillake ingest' does a part of this by itself; this does all.

Every event stays as it is, and queries may go on. A file that is made is read back to its
last byte before it counts: as many events, and the same. What it replaces can be queried
for as long as the history goes back (store show), and is then removed by 'traillake store
gc'. It may be interrupted; what is done stays done.

What was merged, or with --dry-run would be, is printed by day; sizes are in bytes.`

func newStoreCompact(a *app) *cobra.Command {
	out := &outputOptions{}
	var dryRun bool
	var maxMemory size
	cmd := &cobra.Command{
		Use:   "compact NAME",
		Short: "Merge a store's small files",
		Long:  storeCompactLong,
		Example: `  traillake store compact events --dry-run
  traillake store compact events`,
		Args: arguments(1, 1, whichStore),
		RunE: func(cmd *cobra.Command, args []string) error {
			if maxMemory == 0 {
				maxMemory = defaultIngestMemory()
			}
			if maxMemory < leastIngestMemory {
				return usagef(cmd, "--max-memory %d: the least is 128MB", maxMemory)
			}
			return a.withStore(cmd.Context(), args[0], func(_ *lake.Lake, s *lake.Store) error {
				return a.compactStore(cmd.Context(), s, out, dryRun, int64(maxMemory))
			})
		},
	}
	f := cmd.Flags()
	a.addToday(f)
	f.BoolVar(&dryRun, "dry-run", false, "only print what would be merged")
	f.Var(&maxMemory, "max-memory", ingestMemoryUsage)
	out.addFlags(f)
	return cmd
}

func (a *app) compactStore(ctx context.Context, s *lake.Store, out *outputOptions, dryRun bool, maxMemory int64) error {
	limitMemory(maxMemory)
	o := lake.CompactOptions{DryRun: dryRun, Memory: maxMemory / 4}
	bar := a.newProgress(dryRun)
	if bar != nil {
		pr := printer{people: true}
		o.Progress = func(done, total int64) {
			bar.show(done, total, fmt.Sprintf("%s of %s", pr.bytes(done), pr.bytes(total)))
		}
	}
	r, err := s.Compact(ctx, o)
	bar.end()
	if err != nil {
		if r.Commits > 0 {
			a.say("%s\n", compactSummary(r, printer{people: isTerminal(a.stderr)}, dryRun))
		}
		return err
	}
	n := int64(0)
	rows := newListing(column{"day", ""}, column{"filesBefore", n}, column{"filesAfter", n}, column{"events", n}, column{"bytesBefore", n})
	for _, d := range r.Days {
		rows.add(d.Day, d.FilesBefore, d.FilesAfter, d.Events, d.Bytes)
	}
	if err := a.write(ctx, out, rows); err != nil {
		return err
	}
	a.say("%s\n", compactSummary(r, printer{people: isTerminal(a.stderr)}, dryRun))
	return nil
}

// compactSummary tells people what a compaction did.
func compactSummary(r *lake.CompactResult, pr printer, dryRun bool) string {
	switch {
	case r.FilesBefore == 0 && r.Lost == 0:
		return "nothing to merge in " + r.Store
	case dryRun:
		return fmt.Sprintf("would merge %s (%s) of %s into %s", pr.things(r.FilesBefore, "file", "files"), pr.bytes(r.BytesBefore), r.Store, pr.count(r.FilesAfter))
	}
	text := fmt.Sprintf("merged %s (%s) of %s into %s (%s) in %s", pr.things(r.FilesBefore, "file", "files"), pr.bytes(r.BytesBefore),
		r.Store, pr.count(r.FilesAfter), pr.bytes(r.BytesAfter), seconds(r.Elapsed))
	if r.Lost > 0 {
		text += fmt.Sprintf("; %s left to another writer", pr.things(r.Lost, "file was", "files were"))
	}
	return text
}
