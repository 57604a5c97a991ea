package command

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"traillake/lake"
)

const copyLong = `Copy the lake to another place: a folder, or s3://BUCKET/PREFIX, in which nothing is yet.
The copy has all stores with their history, chains, quarantine and schedules, and the same
ids; from then on it is a lake of its own. Others may ingest and query meanwhile: what they
commit later is not in the copy. Only 'store gc' has to wait.

A copy that was interrupted is no lake. The same command goes on with it. What an account
or bucket needs is as for the lake itself ('traillake help s3'); both places are reached
with the same credentials.

The lake is checked as by 'traillake verify', and what is copied compared with the hashes in
the stores' chains. What is damaged is copied as it is and named, and the exit code is 3;
'traillake verify --deep --lake PLACE' says more of it. Schedules go on in whichever of the
two lakes 'schedule run' is called.`

func newCopy(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "copy PLACE",
		Short: "Copy the lake to another folder, or to S3 or from there",
		Long:  copyLong,
		Example: `  traillake copy /mnt/backup/lake
  traillake copy s3://YOUR-LAKE-BUCKET/traillake
  traillake copy --lake s3://YOUR-LAKE-BUCKET/traillake ./here`,
		Args: arguments(1, 1, "give the place of the copy: a folder or s3://BUCKET/PREFIX"),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			ctx, to := cmd.Context(), args[0]
			l, err := a.openLake(ctx)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, l.Close()) }()
			o, err := a.lakeOptions(ctx, to)
			if err != nil {
				return err
			}
			bar, start := a.newProgress(false), time.Now()
			var c lake.CopyOptions
			if bar != nil {
				pr := printer{people: true}
				c.Progress = func(done, total int64) { bar.show(done, total, pr.bytes(done)+" of "+pr.bytes(total)) }
			}
			r, err := l.Copy(ctx, to, o, c)
			bar.end()
			if err != nil {
				return err
			}
			pr := printer{people: isTerminal(a.stderr)}
			there := ""
			if r.Known > 0 {
				there = fmt.Sprintf(", %s of which were there already", pr.count(int64(r.Known)))
			}
			a.say("copied %s (%s) of %s to %s in %s%s; compared %s with their hashes\n", pr.things(int64(r.Files), "file", "files"), pr.bytes(r.Bytes),
				l.Root(), r.To, seconds(time.Since(start)), there, pr.count(int64(r.Compared)))
			if len(r.Problems) == 0 {
				return nil
			}
			for _, err := range r.Problems {
				a.say("%v\n", err)
			}
			a.say("%s found; the copy is as the lake is: 'traillake verify --deep --lake %s' checks all of it\n",
				pr.things(int64(len(r.Problems)), "problem", "problems"), shellWord(r.To))
			return errFindings
		},
	}
}
