package command

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"traillake/internal/sign"
	"traillake/lake/digest"
)

// envReportKey names the file of the key that signs reports.
const envReportKey = "TRAILLAKE_REPORT_KEY"

const keyFileUsage = "`file` of the key that signs (default: $" + envReportKey + ", else $XDG_CONFIG_HOME/traillake/report-key.pem, else ~/.config/traillake/report-key.pem)"

// keyFile says where the key is.
func (a *app) keyFile(flag string) (string, error) {
	if file := cmp.Or(flag, a.getenv(envReportKey)); file != "" {
		return file, nil
	}
	dir, err := a.userDir("XDG_CONFIG_HOME", ".config")
	if err != nil {
		return "", fmt.Errorf("where is the key? Give --key FILE or set %s: %w", envReportKey, err)
	}
	return filepath.Join(dir, "report-key.pem"), nil
}

// signingKey returns the key that signs; nil where none was ever made and none is asked
// for. A service that has no home, or /dev/null for one, never made any.
func (a *app) signingKey(flag string) (*sign.Key, error) {
	asked := flag != "" || a.getenv(envReportKey) != ""
	file, err := a.keyFile(flag)
	if err != nil && !asked {
		a.say("No key is looked for, and nothing signed, as there is no home folder; --key or TRAILLAKE_REPORT_KEY names one.\n")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key, err := sign.Load(file)
	if (errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)) && !asked {
		return nil, nil
	}
	return key, err
}

func newReportKey(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "The key that signs reports and exported results",
		Long: `Reports of 'report run --to' and results of 'query --export' are signed if there is a key.
Who has the public key can check them; who has the private one can sign in your name.`,
		Example: "  traillake report key init\n  traillake report key export > traillake-public.pem",
		Args:    onlySubcommands,
		RunE:    showHelp,
	}
	cmd.AddCommand(newReportKeyInit(a), newReportKeyExport(a))
	return cmd
}

func newReportKeyInit(a *app) *cobra.Command {
	var file string
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Make a key",
		Long: `Make a key (RSA, 3072 bits, in PEM) in a file that only you can read, and print its
fingerprint. A key that is there is left alone: what it signed could not be checked
with another. Keep a copy where you keep secrets; it is not encrypted.`,
		Example: "  traillake report key init\n  traillake report key init --key /run/secrets/report-key.pem",
		Args:    arguments(0, 0, ""),
		RunE: func(*cobra.Command, []string) error {
			path, err := a.keyFile(file)
			if err != nil {
				return err
			}
			key, err := sign.NewKey()
			if err != nil {
				return err
			}
			err = key.Save(path)
			if errors.Is(err, fs.ErrExist) {
				return fmt.Errorf("%w; use the key that is there, or give --key another file", err)
			}
			if err != nil {
				return err
			}
			a.say("the key lies in %s; give others what 'traillake report key export' prints\n", path)
			_, err = fmt.Fprintln(a.stdout, key.Public().Fingerprint())
			return err
		},
	}
	cmd.Flags().StringVar(&file, "key", "", keyFileUsage)
	return cmd
}

func newReportKeyExport(a *app) *cobra.Command {
	var file, format string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the public key",
		Long: `Print the public key: as PEM for 'report verify --public-key' and openssl; or as what
'aws cloudtrail list-public-keys' prints, for what checks results of CloudTrail Lake.`,
		Example: "  traillake report key export > traillake-public.pem\n  traillake report key export --format list-public-keys > keys.json",
		Args:    arguments(0, 0, ""),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "pem" && format != "list-public-keys" {
				return usagef(cmd, "--format %s: there are pem and list-public-keys", format)
			}
			path, err := a.keyFile(file)
			if err != nil {
				return err
			}
			info, err := os.Stat(path)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%w; 'traillake report key init' makes a key", err)
			}
			if err != nil {
				return err
			}
			key, err := sign.Load(path)
			if err != nil {
				return err
			}
			text := key.Public().PEM()
			if format == "list-public-keys" {
				// AWS's keys are valid for a time; ours from when it was made, for good.
				made := info.ModTime().UTC().Truncate(time.Second)
				if text, err = digest.EncodeKeys([]digest.PublicKey{digest.PublicKeyOf(key.Public().RSA(), made, made.AddDate(100, 0, 0))}); err != nil {
					return err
				}
			}
			_, err = a.stdout.Write(text)
			return err
		},
	}
	cmd.Flags().StringVar(&file, "key", "", keyFileUsage)
	cmd.Flags().StringVar(&format, "format", "pem", "`format` of the key: pem or list-public-keys")
	return cmd
}
