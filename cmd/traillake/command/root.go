package command

import (
	"strings"

	"github.com/spf13/cobra"
)

const rootLong = `Traillake is a CloudTrail Lake that you run yourself. It reads the log files that
AWS CloudTrail delivers, keeps their events in event data stores (Parquet files in
an Iceberg table, in a folder of yours), and answers SQL about them: who did what,
from where, when. It needs no network, no account and no server.

Try it without any logs:

  traillake demo

Then with your own:

  traillake ingest --from 30d s3://YOUR-BUCKET      (or a folder with copies of the files)
  traillake query "SELECT eventName, count(*) AS n FROM events GROUP BY 1 ORDER BY 2 DESC LIMIT 10"
  traillake queries list
  traillake queries run top-callers-by-source-ip

Ingesting again takes in what is new and nothing twice. Results go to standard
output, everything else to standard error.`

// newRoot returns the root command with all others below it.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "traillake",
		Short:         "A CloudTrail Lake that you run yourself",
		Long:          rootLong,
		Version:       version(),
		Args:          onlySubcommands,
		RunE:          showHelp,
		SilenceErrors: true,
		SilenceUsage:  true,

		PersistentPreRunE: notEmpty,
	}
	root.SetVersionTemplate("traillake {{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return &usageError{cmd, flagError(err)} })
	f := root.PersistentFlags()
	f.StringVar(&a.lakeDir, "lake", "", "`place` of the lake, a folder or s3://BUCKET/PREFIX (default: $TRAILLAKE_LAKE, else $XDG_DATA_HOME/traillake, else ~/.local/share/traillake)")
	f.BoolVar(&a.noColor, "no-color", false, "no colours (also: NO_COLOR in the environment)")
	addAWSFlags(f, &a.aws)
	a.cache.addFlags(f)

	root.AddGroup(
		&cobra.Group{ID: "work", Title: "Logs in, answers out:"},
		&cobra.Group{ID: "lake", Title: "The lake:"},
		&cobra.Group{ID: "try", Title: "To try things:"},
	)
	add := func(group string, cmds ...*cobra.Command) {
		for _, c := range cmds {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("work", newIngest(a), newQuery(a), newShell(a), newQueries(a), newReport(a), newSchedule(a))
	add("lake", newStore(a), newCoverage(a), newVerify(a), newCopy(a), newDigest(a))
	add("try", newDemo(a), newGenerate(a), newBench(a))
	root.AddCommand(newVersion(a))
	checkHelp(root)
	a.complete(root)
	root.AddCommand(helpTopics()...)
	return root
}

// showHelp is what a command does that has only sub-commands.
func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// onlySubcommands reports a word that is no sub-command, with what it may have meant.
func onlySubcommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if cmd.SuggestionsMinimumDistance <= 0 {
		cmd.SuggestionsMinimumDistance = 2
	}
	if like := cmd.SuggestionsFor(args[0]); len(like) > 0 {
		return usagef(cmd, "unknown command %q; did you mean %s?", args[0], strings.Join(like, " or "))
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" && c.Name() != "completion" {
			names = append(names, c.Name())
		}
	}
	return usagef(cmd, "unknown command %q; there are: %s", args[0], strings.Join(names, ", "))
}
