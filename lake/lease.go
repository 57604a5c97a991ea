package lake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/apache/iceberg-go"
	"github.com/google/uuid"

	"traillake/lake/table"
)

const (
	leaseVersion = 1
	// leaseTime is how long a lease is good for without being renewed. A process that
	// sleeps for longer still has the grace of a collection of garbage.
	leaseTime = 20 * time.Minute
	// leaseRenewal is how often it is renewed: three renewals may fail.
	leaseRenewal = 5 * time.Minute
)

// leaseFile is a lease as it lies on storage.
type leaseFile struct {
	V int `json:"v"`
	// Snapshot is the table snapshot that is read; ManifestList names what it consists of,
	// <path>#<sha256>, and Manifests is the hash of the manifests, as in its summary.
	Snapshot     int64  `json:"snapshot"`
	ManifestList string `json:"manifest_list"`
	Manifests    string `json:"manifests"`
	// Started and Expires are when the lease was taken and when it ends unless it is
	// renewed, UTC.
	Started time.Time `json:"started"`
	Expires time.Time `json:"expires"`
	// User, Host and PID say who reads.
	User string `json:"user"`
	Host string `json:"host"`
	PID  int    `json:"pid"`
}

// Lease keeps the files of a snapshot from being removed for as long as it is held.
// Leases of processes that died end by themselves.
type Lease struct {
	store *Store
	name  string
	file  leaseFile
	stop  func()
	wg    sync.WaitGroup
}

// Lease pins the snapshot: its files stay until the lease is released, whatever other
// processes compact, expire and remove. The error wraps ErrSnapshotNotFound when the
// snapshot ceased to be kept before it could be pinned; then a newer one is to be had.
//
// Who reads copies of files that lie elsewhere needs it only from before the first of them
// is fetched until the last one is here: see BeforeFetch.
//
// Where it cannot be written, there is no lease and no error: Release does nothing, and the
// files are safe for as long as the grace of a removal is. If the reader is allowed to write,
// the lake's logger is told.
func (sn *Snapshot) Lease(ctx context.Context) (*Lease, error) {
	l := &Lease{store: sn.store, stop: func() {}}
	if sn.snap == nil {
		return l, nil // there is nothing to keep
	}
	s := sn.store
	list, err := nameOf(s.st.Root(), sn.snap.ManifestList)
	if err != nil {
		return nil, err
	}
	l.name = leaseName(uuid.New())
	l.file = leaseFile{
		V: leaseVersion, Snapshot: sn.ID(), ManifestList: head{list, sn.snap.Summary.Properties[summaryList]}.String(),
		Manifests: sn.snap.Summary.Properties[summaryManifests], Started: s.lake.now().UTC(),
		User: s.lake.user, Host: s.lake.host, PID: os.Getpid(),
	}
	if err := l.write(ctx); err != nil {
		if ctx.Err() != nil {
			l.Release() // it may have been written
			return nil, ctx.Err()
		}
		level := slog.LevelWarn
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) {
			level = slog.LevelDebug // it is meant to be so
		}
		s.lake.log.Log(ctx, level, "lease not written; the files that are read are safe until a removal's grace is over",
			"store", s.Name(), "err", err)
		return &Lease{store: s, stop: func() {}}, nil
	}
	// A collection of garbage reads the newest version first and the leases then. So if
	// the newest version has the snapshot now, that sees the lease.
	b, err := s.newest(ctx)
	if err == nil && b.meta.SnapshotByID(sn.ID()) == nil {
		err = fmt.Errorf("%w: snapshot %d of store %s is not kept any more", ErrSnapshotNotFound, sn.ID(), s.Name())
	}
	if err != nil {
		l.Release()
		return nil, err
	}
	// The lease outlives the call that takes it; Release ends it.
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = cancel
	l.wg.Go(func() { l.renew(background) })
	return l, nil
}

func (l *Lease) renew(ctx context.Context) {
	t := time.NewTicker(leaseRenewal)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := l.write(ctx); err != nil {
				l.store.lake.log.Warn("lease not renewed", "store", l.store.Name(), "snapshot", l.file.Snapshot, "err", err)
			}
		}
	}
}

func (l *Lease) write(ctx context.Context) error {
	f := l.file
	f.Expires = l.store.lake.now().UTC().Add(leaseTime)
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return l.store.st.Put(ctx, l.name, append(raw, '\n'))
}

// Release ends the lease. It may be called again, without effect.
func (l *Lease) Release() {
	l.stop()
	l.wg.Wait()
	if l.name == "" {
		return
	}
	if err := l.store.st.Remove(context.Background(), l.name); err != nil {
		l.store.lake.log.Warn("lease left behind; it ends by itself", "store", l.store.Name(), "file", l.name, "err", err)
	}
	l.name = ""
}

// snapshot returns the snapshot that is read, as far as its files are concerned.
func (f leaseFile) snapshot(root string) (table.Snapshot, error) {
	h, err := parseHead(f.ManifestList)
	if err != nil {
		return table.Snapshot{}, err
	}
	return table.Snapshot{SnapshotID: f.Snapshot, ManifestList: uriOf(root, h.path), Summary: table.Summary{
		Properties: iceberg.Properties{summaryList: h.sha256, summaryManifests: f.Manifests},
	}}, nil
}

// leases returns the leases that are good at the given time, and the names of those that
// are not any more.
func (s *Store) leases(ctx context.Context, now time.Time) (good []leaseFile, ended []string, err error) {
	for fi, err := range s.st.List(ctx, leasesDir) {
		if err != nil {
			return nil, nil, err
		}
		if _, ok := parseLeaseName(fi.Name); !ok {
			continue
		}
		raw, err := s.st.Get(ctx, fi.Name)
		if err != nil {
			if _, gone := s.st.Stat(ctx, fi.Name); gone != nil && ctx.Err() == nil {
				continue // released meanwhile
			}
			return nil, nil, fmt.Errorf("read lease %s: %w", fi.Name, err)
		}
		var f leaseFile
		if err := json.Unmarshal(raw, &f); err != nil {
			// A loss of power may leave a part. Its reader is dead then.
			if now.Sub(fi.ModTime) > leaseTime {
				ended = append(ended, fi.Name)
				continue
			}
			return nil, nil, fmt.Errorf("%w: read lease %s: %w", ErrCorrupt, fi.Name, err)
		}
		if f.V != leaseVersion {
			return nil, nil, fmt.Errorf("lease %s has version %d, this program knows %d: %w", fi.Name, f.V, leaseVersion, ErrLayout)
		}
		if f.Expires.Before(now) {
			ended = append(ended, fi.Name)
			continue
		}
		good = append(good, f)
	}
	return good, ended, nil
}
