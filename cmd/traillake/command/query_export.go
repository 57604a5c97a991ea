package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"traillake/engine"
	"traillake/engine/encode"
	"traillake/engine/export"
	"traillake/internal/sign"
	"traillake/lake"
)

// exportOptions are the flags of query --export.
type exportOptions struct {
	dir, key string
}

func (o *exportOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.dir, "export", "", "leave the rows in this `folder`, or under s3://BUCKET/PREFIX, as CloudTrail Lake delivers them: result_1.csv.gz and so on, and result_sign.json; needs a key ('report key init')")
	f.StringVar(&o.key, "key", "", keyFileUsage)
}

// validate is called before anything is opened.
func (o *exportOptions) validate(out *outputOptions, explain bool) error {
	switch {
	case o.dir == "" && o.key != "":
		return errors.New("--key signs what --export leaves; give both")
	case o.dir != "" && out.given():
		return errors.New("--export leaves CSV files; leave out --format and -o")
	case o.dir != "" && explain:
		return errors.New("--explain runs nothing that could be exported")
	}
	return nil
}

// signer returns the key, which there must be.
func (o *exportOptions) signer(a *app) (*sign.Key, error) {
	key, err := a.signingKey(o.key)
	if err == nil && key == nil {
		err = errors.New("there is no key to sign with; 'traillake report key init' makes one")
	}
	return key, err
}

// queryExport runs one statement and exports its rows.
func (a *app) queryExport(ctx context.Context, r engine.Request, o *exportOptions) (err error) {
	key, err := o.signer(a)
	if err != nil {
		return err
	}
	l, e, err := a.openEngine(ctx, r.Store, r.Timeout)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	result, err := e.Query(ctx, r)
	if err != nil {
		return err
	}
	return a.export(ctx, o, key, result)
}

// export writes the rows of a result, and closes it.
func (a *app) export(ctx context.Context, o *exportOptions, key *sign.Key, r *engine.Result) error {
	region := lake.DefaultRegion
	for _, p := range r.Stats().Pins {
		region = p.Of.Store().Config().Region
		break
	}
	var s *export.Sign
	err := a.leave(ctx, o.dir, export.SignName, func(dir string) (err error) {
		s, err = export.Write(ctx, r, dir, export.Options{Key: key, Region: region, Now: a.now})
		return err
	})
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	pr := printer{people: true}
	a.say("%s in %s, signed by the key %s\n", pr.things(r.Stats().Rows, "row", "rows"), pr.things(int64(len(s.Files)), "file", "files"), key.Public().Fingerprint())
	return nil
}

// verifyExport checks a folder of query --export. Without a public key the own one is
// taken.
func (a *app) verifyExport(dir string, public *sign.PublicKey) error {
	if public == nil {
		key, err := a.signingKey("")
		if err != nil {
			return err
		}
		if key == nil {
			return fmt.Errorf("verify export %s: the folder of a result has no key in it; give --public-key FILE", dir)
		}
		own := key.Public()
		public = &own
	}
	s, problems, err := export.Verify(dir, *public)
	if err != nil {
		return err
	}
	for _, p := range problems {
		if _, err := fmt.Fprintf(a.stdout, "%s: %s\n", encode.Printable(p.File), encode.Printable(p.What)); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return errFindings
	}
	a.say("%s signed by the key %s; time, region and names of files are not signed in this form\n",
		printer{people: true}.things(int64(len(s.Files)), "file has the content that was", "files have the content that was"), public.Fingerprint())
	return nil
}
