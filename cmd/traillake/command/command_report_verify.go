package command

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"traillake/engine/encode"
	"traillake/engine/export"
	"traillake/internal/sign"
	"traillake/queries/report/folder"
)

const reportVerifyLong = `Check every file of a report against its manifest, and the manifest against its
signature. It needs the folder alone: no lake and no network.

--public-key is the key of who made the report, as 'traillake report key export' prints
it, which you have from them and not from the folder. Without it the key that lies in the
folder is taken: then a good signature says that all is as its maker left it, whoever that
is. The same by hand:

  openssl dgst -sha256 -verify public-key.pem -signature manifest.json.sig manifest.json

A folder of 'query --export', and results that CloudTrail Lake itself delivered, are
checked in the same way; there the default is your own key. In that form, which is AWS's,
the contents of the files are signed, and their order: not their names, the time or the
region. The time and region of result_sign.json prove nothing.

What is wrong is printed, each file with what it is: changed, missing, extra, unsigned, or a
link, which is no file of a report; the folder itself may be reached by one.
The exit code is 3 then. --unsigned takes a report that nobody signed.`

func newReportVerify(a *app) *cobra.Command {
	var keyPath, format string
	var unsigned bool
	cmd := &cobra.Command{
		Use:     "verify DIR",
		Short:   "Check that a report, or an exported result, is as it was written, and by whom",
		Long:    reportVerifyLong,
		Example: "  traillake report verify reports/2026-10 --public-key traillake-public.pem",
		Args:    arguments(1, 1, "verify which report? Give its folder: traillake report verify reports/2026-10"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usagef(cmd, "--format %s: there are text and json", format)
			}
			if err := localOnly(cmd, args[0]); err != nil {
				return err
			}
			var key *sign.PublicKey
			if keyPath != "" {
				if unsigned {
					return usagef(cmd, "--unsigned takes a report without a signature, and --public-key asks for one; give one of them")
				}
				text, err := os.ReadFile(keyPath)
				if err != nil {
					return err
				}
				k, err := sign.ParsePublic(text)
				if err != nil {
					return fmt.Errorf("--public-key %s: %w", keyPath, err)
				}
				key = &k
			}
			if _, err := os.Lstat(filepath.Join(args[0], export.SignName)); err == nil {
				if unsigned || format == "json" {
					return usagef(cmd, "%s is an exported result, which is always signed, and of which the outcome is text; leave out --unsigned and --format json", args[0])
				}
				return a.verifyExport(args[0], key)
			}
			c, err := folder.Verify(args[0], key)
			if err != nil {
				return err
			}
			return a.printCheck(c, key != nil, unsigned, format)
		},
	}
	f := cmd.Flags()
	f.StringVar(&keyPath, "public-key", "", "`file` of the public key of who made the report")
	f.BoolVar(&unsigned, "unsigned", false, "do not ask for a signature")
	f.StringVar(&format, "format", "text", "`format`: text or json")
	return cmd
}

// printCheck says what was found, on standard output.
func (a *app) printCheck(c *folder.Check, trusted, unsigned bool, format string) error {
	if unsigned && !c.Signed {
		kept := []folder.Problem{}
		for _, p := range c.Problems {
			if p.File != folder.SignatureName {
				kept = append(kept, p)
			}
		}
		c.Problems = kept
	}
	if format == "json" {
		enc := a.jsonEncoder()
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if err := enc.Encode(c); err != nil {
			return err
		}
	} else {
		for _, p := range c.Problems {
			if _, err := fmt.Fprintf(a.stdout, "%s: %s\n", encode.Printable(p.File), encode.Printable(p.What)); err != nil {
				return err
			}
		}
	}
	if len(c.Problems) > 0 {
		return errFindings
	}
	files := printer{people: true}.things(int64(len(c.Manifest.Files)), "file is as it was", "files are as they were")
	switch {
	case !c.Signed:
		a.say("%s written; nobody signed this report\n", files)
	case trusted:
		a.say("%s signed by the key %s\n", files, c.Signer)
	default:
		a.say("%s signed by the key %s, which lies in the folder; --public-key says whose it must be\n", files, c.Signer)
	}
	return nil
}
