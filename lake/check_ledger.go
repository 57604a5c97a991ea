package lake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ledger checks I4, I5 and I6, and I2 for ledgers and quarantine files.
func (c *storeCheck) ledger(ctx context.Context) error {
	seen := make(map[[16]byte]string) // ledger file by hash of identity and of content
	var quarantined int64
	judged := verdictsGiven{}
	missing := missingCheck{logs: map[[16]byte]bool{}, came: map[[16]byte]string{}}
	digests := digestCheck{}
	for h := c.base.ingestHead; h != (head{}); {
		c.count("I2", 1)
		l, err := readLedgerFile(ctx, c.s.st, h)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.found("I4", h.path, err)
			return nil // nothing is known of what lies before
		}
		c.reach(h.path)
		c.verdicts(h.path, l, judged)
		missing.ledger(h.path, l, c.found)
		digests.ledger(h.path, l, c.found)
		if err := c.ledgerFile(ctx, h.path, l, seen); err != nil {
			return err
		}
		if l.Quarantine != nil {
			quarantined += l.Quarantine.Records
		}
		prev, err := parseHead(l.Prev)
		if err != nil {
			c.found("I4", h.path, err)
			return nil
		}
		before, _, ok := parseLedgerName(prev.path)
		if prev != (head{}) && (!ok || before >= l.Seq) {
			c.found("I4", h.path, fmt.Errorf("it names %s as the ledger before", prev.path))
			return nil
		}
		h = prev
	}
	for _, v := range judged {
		c.found("I4", "", fmt.Errorf("object %s got a verdict and was never ingested", v.Key))
	}
	for _, key := range missing.came {
		c.found("I4", "", fmt.Errorf("object %s was missing before it came, and no older ledger says so", key))
	}
	for _, key := range digests.never() {
		c.found("I4", "", fmt.Errorf("digest %s was found and never missing", key))
	}
	if quarantined != c.base.quarantined {
		c.found("I5", metadataName(c.base.version), fmt.Errorf("it counts %d quarantined records, the ledger %d", c.base.quarantined, quarantined))
	}
	return nil
}

// verdicts checks those that objects got later: each is on one object of an older ledger,
// which had none. What stays in judged has not been met yet.
func (c *storeCheck) verdicts(path string, l *ledgerFile, judged verdictsGiven) {
	operation := OpIngest
	if l.judges() {
		operation = OpVerdict
	}
	if err := checkVerdicts(l, operation); err != nil {
		c.found("I4", path, err)
	}
	for _, v := range l.Verdicts {
		k := contentKey(v.Bucket, v.Key, v.SHA256)
		if _, ok := judged[k]; ok {
			c.found("I4", path, fmt.Errorf("object %s gets a second verdict", v.Key))
		}
		judged[k] = v
	}
	for _, o := range l.Objects {
		if o.SHA256 == "" {
			continue
		}
		k := contentKey(o.Bucket, o.Key, o.SHA256)
		v, ok := judged[k]
		if !ok {
			continue
		}
		switch {
		case o.Verdict != "":
			c.found("I4", path, fmt.Errorf("object %s gets a second verdict", o.Key))
		case o.hashed() && (v.TextSHA256 != "" || v.TextBroken):
			c.found("I4", path, fmt.Errorf("the text of object %s was hashed twice", o.Key))
		case o.TextBroken && v.Verdict == VerdictVerified:
			c.found("I4", path, fmt.Errorf("object %s got the verdict %s, and its text has no end", o.Key, v.Verdict))
		case !o.hashed() && v.TextSHA256 == "" && !v.TextBroken:
			c.found("I4", path, fmt.Errorf("object %s got the verdict %s and its text was never hashed", o.Key, v.Verdict))
		}
		delete(judged, k)
	}
}

// missingCheck goes through the logs that ledgers call missing, from the newest on: each once,
// none that an older ledger has, and each that came after it was missing in an older one. That
// one came is not marked, the firewall would have seen.
type missingCheck struct {
	logs map[[16]byte]bool
	came map[[16]byte]string // keys of objects that wait for the ledger that calls them missing
}

func (m missingCheck) ledger(path string, l *ledgerFile, found func(id, path string, err error)) {
	for _, o := range l.Objects {
		if len(m.logs) == 0 && !o.WasMissing {
			continue
		}
		k := logKey(o.Bucket, o.Key)
		if m.logs[k] {
			found("I4", path, fmt.Errorf("object %s was called missing later, and is here", o.Key))
		}
		if o.WasMissing {
			m.came[k] = o.Key
		}
	}
	for _, log := range l.Missing {
		k := logKey(log.Bucket, log.Key)
		if m.logs[k] {
			found("I4", path, fmt.Errorf("object %s was called missing twice", log.Key))
		}
		m.logs[k] = true
		delete(m.came, k)
	}
}

func (c *storeCheck) ledgerFile(ctx context.Context, path string, l *ledgerFile, seen map[[16]byte]string) error {
	var given, stored int64
	var read, written Multiset
	for _, o := range l.Objects {
		c.count("I4", 1)
		c.count("I5", 1)
		if err := o.balanced(); err != nil {
			c.found("I5", path, err)
		}
		given += o.RowsOut
		read.Add(o.Multiset)
		keys := o.keys()
		for _, k := range keys {
			if other, ok := seen[k]; ok {
				c.found("I4", path, fmt.Errorf("object %s is in %s, too", o.Key, other))
				break
			}
		}
		for _, k := range keys {
			seen[k] = path
		}
	}
	for _, f := range l.Files {
		stored += f.Rows
		written.Add(f.Multiset)
		c.count("I6", 1)
		if r, ok := c.records[f.Path]; ok && r != f {
			c.found("I5", path, fmt.Errorf("file %s: the ledger says %+v, the commit record %+v", f.Path, f, r))
		} else if !ok {
			c.found("I8", path, fmt.Errorf("no commit record names file %s", f.Path))
		}
	}
	if given != stored {
		c.found("I5", path, fmt.Errorf("its objects gave %d rows, its files hold %d", given, stored))
	}
	if read != written {
		c.found("I6", path, fmt.Errorf("its objects gave events with multiset %s, its files hold %s", read, written))
	}
	if l.Quarantine == nil {
		return nil
	}
	q := l.Quarantine
	if _, ok := parseQuarantineName(q.Path); !ok {
		c.found("I2", path, fmt.Errorf("%q is no name of a quarantine file", q.Path))
		return nil
	}
	c.reach(q.Path)
	if !c.size(ctx, q.Path, q.Size) {
		return nil
	}
	if err := c.quarantineHash(ctx, q); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		c.found("I2", q.Path, err)
		return nil
	}
	for _, err := range c.s.readQuarantine(ctx, q) {
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			c.found("I2", q.Path, err)
		}
	}
	return nil
}

// quarantineHash compares a quarantine file with its hash, before anything decodes it.
func (c *storeCheck) quarantineHash(ctx context.Context, q *quarantineFile) (err error) {
	in, err := c.s.st.Open(ctx, q.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	return checkHash(in, q.SHA256)
}

// lostStores finds stores that no name leads to.
func (c *checker) lostStores(ctx context.Context, l *Lake) error {
	ids, err := l.unnamed(ctx)
	if errors.Is(err, ErrCorrupt) {
		return nil // a damaged name, which is a problem already
	}
	if err != nil {
		return err
	}
	for _, id := range ids {
		c.problem("I1", id.String(), storeDir(id), fmt.Errorf("the store holds commits, and no file in %s leads to it", namesDir))
	}
	return nil
}

// orphans lists the files that nothing reaches.
func (c *checker) orphans(ctx context.Context, l *Lake) error {
	for _, dir := range []string{namesDir, storesDir, schedulesDir} {
		for fi, err := range l.st.List(ctx, dir) {
			if err != nil {
				return err
			}
			unread := slices.ContainsFunc(c.unread, func(dir string) bool { return strings.HasPrefix(fi.Name, dir) })
			if !c.reached[fi.Name] && !isPassing(fi.Name) && !unread {
				c.report.Orphans = append(c.report.Orphans, fi)
			}
		}
	}
	return nil
}

// openFresh opens a store past the cache of the lake. A name that was left behind when the
// store got another gives nil.
func (l *Lake) openFresh(ctx context.Context, name string) (*Store, error) {
	id, err := l.claim(ctx, name)
	if err != nil {
		return nil, err
	}
	s, err := newStore(ctx, l, id)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(s.Name(), name) {
		if other, err := l.claim(ctx, s.Name()); err == nil && other == id {
			return nil, nil
		}
		return nil, errors.Join(ErrCorrupt, fmt.Errorf("store %s is called %s", id, s.Name()))
	}
	return s, nil
}

// isPassing reports whether a file of the lake is a lease or a mark, which come and go.
func isPassing(name string) bool {
	_, file, _ := strings.Cut(strings.TrimPrefix(name, storesDir+"/"), "/")
	_, lease := parseLeaseName(file)
	_, mark := parseMarkName(file)
	return lease || mark
}
