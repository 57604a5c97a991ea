package gen

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"

	"traillake/lake/digest"
)

const (
	// DigestBucket is the bucket that digests name.
	DigestBucket = "traillake-generated"
	// DigestTrail and SecondDigestTrail are the trails that digests name.
	DigestTrail       = "organization-events"
	SecondDigestTrail = "legacy"
	// PublicKeysFile is the name of the file in the target folder that holds the public
	// keys for the digests.
	PublicKeysFile = "public-keys.json"
)

// logFile is what a digest says of a log file that was written.
type logFile struct {
	kind           logKind
	path           string // below the target folder, which is the key
	at             int64
	sum            string
	oldest, newest int64
}

// stream is the trail, account and region that a chain of digests is of.
type stream struct {
	account, region int
	second          bool
}

// digester writes the digests of a set.
type digester struct {
	w           *world
	dir         string
	key         *rsa.PrivateKey
	print       string // fingerprint of key
	first, last time.Time
	plan        map[spot]string // faults
	wrong       *rsa.PrivateKey // with FaultWrongKey
}

// spot is one digest: the hour that it ends at, counted from the first.
type spot struct {
	stream
	hour int
}

// writeDigests writes a chain of hourly digests for every trail, account and region, with
// the faults that the Config asks for.
func writeDigests(ctx context.Context, w *world, dir string, logs []logFile) (*Digests, error) {
	d := &digester{w: w, dir: dir, key: newKey(mix(w.c.Seed, 3))}
	if slices.Contains(w.c.faults(), FaultWrongKey) {
		d.wrong = newKey(mix(w.c.Seed, 4))
	}
	public := digest.PublicKeyOf(&d.key.PublicKey, w.c.Start.AddDate(0, -1, 0), w.c.Start.AddDate(1, 0, w.c.Days))
	d.print = public.Fingerprint
	text, err := digest.EncodeKeys([]digest.PublicKey{public})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, PublicKeysFile), text, 0o600); err != nil {
		return nil, fmt.Errorf("write public keys: %w", err)
	}
	truth := &Digests{Bucket: DigestBucket, PublicKeys: PublicKeysFile, Faults: []DigestFault{}}
	if len(logs) == 0 {
		return truth, nil
	}
	slices.SortFunc(logs, func(a, b logFile) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.path, b.path)) })
	d.first = time.Unix(logs[0].at, 0).UTC().Truncate(time.Hour)
	d.last = time.Unix(logs[len(logs)-1].at, 0).UTC().Truncate(time.Hour).Add(time.Hour)
	byStream := make(map[stream][]logFile)
	for _, l := range logs {
		s := stream{l.kind.account, l.kind.region, l.kind.second}
		byStream[s] = append(byStream[s], l)
	}
	streams := make([]stream, 0, len(byStream))
	for s := range byStream {
		streams = append(streams, s)
	}
	slices.SortFunc(streams, func(a, b stream) int { return a.rank() - b.rank() })
	if err := d.choose(streams, byStream); err != nil {
		return nil, err
	}
	counts := make([]int64, len(streams))
	faults := make([][]DigestFault, len(streams))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, s := range streams {
		g.Go(func() (err error) {
			counts[i], faults[i], err = d.chain(ctx, s, byStream[s])
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i := range streams {
		truth.Chains++
		truth.Files += counts[i]
		truth.Faults = append(truth.Faults, faults[i]...)
	}
	truth.Logs = int64(len(logs))
	return truth, nil
}

func (s stream) rank() int {
	return logKind{account: s.account, region: s.region, second: s.second}.rank()
}

// choose says where the faults are: each at another digest with logs, none at the two
// oldest and the two newest of a chain, nor beside another.
func (d *digester) choose(streams []stream, logs map[stream][]logFile) error {
	d.plan = make(map[spot]string)
	hours := int(d.last.Sub(d.first) / time.Hour)
	var spots []spot
	for _, s := range streams {
		last := -1
		for _, l := range logs[s] {
			if h := d.hour(l.at); h != last && h >= 2 && h < hours-2 && l.kind.category == catTrail {
				spots = append(spots, spot{s, h})
				last = h
			}
		}
	}
	r := newRandom(mix(d.w.c.Seed, 5))
	for _, f := range d.w.c.faults() {
		found := false
		for range 1000 {
			if len(spots) == 0 {
				break
			}
			at := spots[r.below(len(spots))]
			if d.planned(at, -1) || d.planned(at, 0) || d.planned(at, 1) {
				continue
			}
			d.plan[at], found = f, true
			break
		}
		if !found {
			return fmt.Errorf("write digests: the set is too small to plant %s; use more days or records", f)
		}
	}
	return nil
}

func (d *digester) planned(s spot, off int) bool {
	s.hour += off
	_, ok := d.plan[s]
	return ok
}

func (d *digester) hour(at int64) int { return int((at - d.first.Unix()) / 3600) }

// chain writes the digests of one stream and returns their number and their faults.
func (d *digester) chain(ctx context.Context, s stream, logs []logFile) (n int64, faults []DigestFault, err error) {
	home, trail := regionNames[0], DigestTrail
	prefix := "AWSLogs/"
	if s.second {
		home, trail = regionNames[s.region], SecondDigestTrail
		prefix = SecondTrail + "/" + prefix
	} else if d.w.c.Organization {
		prefix += d.w.org + "/"
	}
	name := digest.Name{Account: d.w.accounts[s.account].id, Region: regionNames[s.region], Trail: trail, HomeRegion: home}
	var previous *digest.Previous
	for h := 0; ; h++ {
		name.End = d.first.Add(time.Duration(h+1) * time.Hour)
		if name.End.After(d.last) {
			return n, faults, nil
		}
		if err := ctx.Err(); err != nil {
			return 0, nil, err
		}
		fault := d.plan[spot{s, h}]
		f := &digest.File{
			Account: name.Account, Start: name.End.Add(-time.Hour), End: name.End, Fingerprint: d.print, Previous: previous,
			At: digest.Ref{Bucket: DigestBucket, Key: name.Key(prefix)},
		}
		mine := 0
		for mine < len(logs) && d.hour(logs[mine].at) == h {
			l := logs[mine]
			f.Logs = append(f.Logs, digest.Log{
				Ref: digest.Ref{Bucket: DigestBucket, Key: l.path}, SHA256: l.sum, Oldest: time.Unix(l.oldest, 0), Newest: time.Unix(l.newest, 0),
			})
			mine++
		}
		key := d.key
		if fault == FaultWrongKey {
			key = d.wrong
			f.Fingerprint = digest.PublicKeyOf(&key.PublicKey, name.End, name.End).Fingerprint
		}
		text, signature, err := encode(f, key)
		if err != nil {
			return 0, nil, err
		}
		sum := sha256.Sum256(text)
		previous = &digest.Previous{Ref: f.At, SHA256: hex.EncodeToString(sum[:]), Signature: signature}
		object := f.At.Key
		switch fault {
		case FaultBrokenChain: // the same logs in another digest, with a signature that is right
			f.Start = f.Start.Add(time.Second)
			text, signature, err = encode(f, key)
		case FaultForgedSignature:
			signature = flip(signature)
		case FaultModifiedLog:
			object = logs[0].path
			err = modify(filepath.Join(d.dir, filepath.FromSlash(object)))
		case FaultDeletedLog:
			object = logs[0].path
			err = os.Remove(filepath.Join(d.dir, filepath.FromSlash(object)))
		}
		if err != nil {
			return 0, nil, fmt.Errorf("plant %s: %w", fault, err)
		}
		logs = logs[mine:]
		if fault != "" {
			faults = append(faults, DigestFault{fault, name.Account, name.Region, trail, object})
		}
		if fault == FaultMissingDigest {
			continue
		}
		n++
		if err := save(d.dir, f.At.Key, text, signature); err != nil {
			return 0, nil, err
		}
	}
}

func encode(f *digest.File, key *rsa.PrivateKey) (text []byte, signature string, err error) {
	if text, err = f.Encode(); err != nil {
		return nil, "", err
	}
	signature, err = digest.Sign(key, text)
	return text, signature, err
}

// flip changes the first hex digit.
func flip(signature string) string {
	if signature[0] == '0' {
		return "1" + signature[1:]
	}
	return "0" + signature[1:]
}

// modify changes one character of the first user agent of a log file.
func modify(file string) error {
	stored, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	zr, err := gzip.NewReader(bytes.NewReader(stored))
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if _, err := text.ReadFrom(zr); err != nil {
		return err
	}
	member := []byte(`"userAgent":"`)
	i := bytes.Index(text.Bytes(), member)
	if i < 0 {
		return fmt.Errorf("%s has no user agent to change", file)
	}
	c := &text.Bytes()[i+len(member)]
	if *c == 'x' {
		*c = 'y'
	} else {
		*c = 'x'
	}
	packed, err := pack(text.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(file, packed, 0o600)
}

func pack(text []byte) ([]byte, error) {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	if _, err := zw.Write(text); err != nil {
		return nil, err
	}
	if err := zw.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// save writes a digest file and its sidecar.
func save(dir, key string, text []byte, signature string) error {
	file := filepath.Join(dir, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("write digest: %w", err)
	}
	packed, err := pack(text)
	if err != nil {
		return fmt.Errorf("compress %s: %w", path.Base(key), err)
	}
	if err := os.WriteFile(file, packed, 0o600); err != nil {
		return fmt.Errorf("write digest: %w", err)
	}
	if err := os.WriteFile(file+digest.SidecarSuffix, digest.EncodeSidecar(signature), 0o600); err != nil {
		return fmt.Errorf("write metadata of digest: %w", err)
	}
	return nil
}
