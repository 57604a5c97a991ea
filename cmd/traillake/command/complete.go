package command

import (
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"traillake/engine/encode"
	"traillake/queries"
)

// complete gives every command and flag that takes the name of something what the shell
// completes it from. Whatever goes wrong means that nothing is completed: nobody has asked
// for a message yet.
func (a *app) complete(cmd *cobra.Command) {
	for _, c := range cmd.Commands() {
		a.complete(c)
	}
	switch path := strings.TrimPrefix(cmd.CommandPath(), "traillake "); path {
	case "queries run", "queries show":
		cmd.ValidArgsFunction = first(a.queryNames)
	case "queries packs":
		cmd.ValidArgsFunction = first(a.packNames)
	case "report run":
		cmd.ValidArgsFunction = first(a.reportNames)
	case "store show", "store history", "store quarantine", "store update", "store compact", "store delete", "store restore":
		cmd.ValidArgsFunction = first(a.storeNames)
	case "store expire", "store gc":
		cmd.ValidArgsFunction = each(a.storeNames)
	}
	for name, names := range map[string]func(*cobra.Command) []cobra.Completion{"store": a.storeNames, "tag": a.tags, "report": a.reportNames} {
		if cmd.Flags().Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, each(names)) // fails only where it was done before
		}
	}
	if f := cmd.Flags().Lookup("format"); f != nil {
		if _, rows := f.Value.(*formatFlag); rows {
			_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(encode.Names(), cobra.ShellCompDirectiveNoFileComp))
		}
	}
}

// each completes every one from names.
func each(names func(*cobra.Command) []cobra.Completion) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return names(cmd), cobra.ShellCompDirectiveNoFileComp
	}
}

// first completes the first argument from names, and none after it.
func first(names func(*cobra.Command) []cobra.Completion) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names(cmd), cobra.ShellCompDirectiveNoFileComp
	}
}

// catalog is the catalogue that the flags of cmd name. It says nothing of what is wrong there.
func (a *app) catalog(cmd *cobra.Command) *catalogOptions {
	quiet := *a
	quiet.stderr = io.Discard
	o := &catalogOptions{app: &quiet}
	if f := cmd.Flag("queries"); f != nil {
		o.dir = f.Value.String()
	}
	return o
}

func (a *app) saved(cmd *cobra.Command) []*queries.Query {
	set, err := a.catalog(cmd).load()
	if err != nil {
		return nil
	}
	return set.All()
}

func (a *app) queryNames(cmd *cobra.Command) (names []cobra.Completion) {
	for _, q := range a.saved(cmd) {
		names = append(names, cobra.CompletionWithDesc(q.Name, q.Title))
	}
	return names
}

func (a *app) tags(cmd *cobra.Command) []cobra.Completion {
	tags := map[string]bool{}
	for _, q := range a.saved(cmd) {
		for _, t := range q.Tags {
			tags[t] = true
		}
	}
	return sortedKeys(tags)
}

func (a *app) packNames(cmd *cobra.Command) (names []cobra.Completion) {
	_, packs, err := a.catalog(cmd).loadPacks()
	if err != nil {
		return nil
	}
	for _, p := range packs.All() {
		names = append(names, cobra.CompletionWithDesc(p.Name, p.Title))
	}
	return names
}

func (a *app) reportNames(cmd *cobra.Command) []cobra.Completion {
	return slices.Concat(a.packNames(cmd), a.queryNames(cmd))
}

// storeNames are the stores of a lake on this machine. One on S3 is not asked, which takes
// time and may cost money.
func (a *app) storeNames(cmd *cobra.Command) (names []cobra.Completion) {
	root, err := a.lakeRoot()
	if err != nil || onS3(root) {
		return nil
	}
	l, err := a.openLake(cmd.Context())
	if err != nil {
		return nil
	}
	defer l.Close()
	stores, _ := l.Stores(cmd.Context()) // those that can be opened
	for _, s := range stores {
		names = append(names, s.Name())
	}
	return names
}
