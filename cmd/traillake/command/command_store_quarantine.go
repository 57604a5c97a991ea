package command

import (
	"encoding/base64"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"traillake/lake"
)

func newStoreQuarantine(a *app) *cobra.Command {
	out, limit, raw := &outputOptions{}, int64(0), false
	cmd := &cobra.Command{
		Use:   "quarantine NAME",
		Short: "List the records that could not be read",
		Long: `List what is in quarantine: the file, where in its decompressed text the record begins
and how long it is, and why it could not be read. --raw adds the bytes as they were
delivered, or their beginning; bytes that are no text are written in base64 behind
"base64:".`,
		Example: `  traillake store quarantine events
  traillake store quarantine events --raw --format jsonl --limit 10`,
		Args: arguments(1, 1, whichStore),
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 0 {
				return usagef(cmd, "--limit %d: a number of records is positive", limit)
			}
			ctx := cmd.Context()
			return a.withStore(ctx, args[0], func(_ *lake.Lake, s *lake.Store) error {
				columns := []column{{"time", utcTime}, {"file", ""}, {"offset", int64(0)}, {"length", int64(0)}, {"reason", ""}}
				if raw {
					columns = append(columns, column{"raw", ""})
				}
				rows, n := newListing(columns...), int64(0)
				for q, err := range s.Quarantine(ctx) {
					if err != nil {
						return err
					}
					if limit > 0 && n == limit {
						break
					}
					n++
					cells := []any{q.Time, quarantinedFile(q), q.Offset, q.Length, q.Reason}
					if raw {
						cells = append(cells, rawText(q.Raw))
					}
					rows.add(cells...)
				}
				return a.write(ctx, out, rows)
			})
		},
	}
	f := cmd.Flags()
	f.Int64Var(&limit, "limit", 0, "the most `records` to list; 0 means all")
	f.BoolVar(&raw, "raw", false, "add the bytes of each record")
	out.addFlags(f)
	return cmd
}

func quarantinedFile(q lake.Quarantined) string {
	if q.Bucket != "" {
		return "s3://" + q.Bucket + "/" + q.Key
	}
	return q.Key
}

func rawText(raw []byte) string {
	if utf8.Valid(raw) {
		return string(raw)
	}
	return "base64:" + base64.StdEncoding.EncodeToString(raw)
}
