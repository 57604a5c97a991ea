// Package job makes the reports of schedules: it waits for the data, runs the pack, and
// puts the report where the schedule says.
package job

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"traillake/engine"
	"traillake/internal/awsclient"
	"traillake/internal/tempdir"
	"traillake/lake"
	"traillake/queries"
	"traillake/queries/report"
	"traillake/queries/report/folder"
	"traillake/schedule"
)

// Maker makes reports out of a lake. Make is a schedule.Maker.
type Maker struct {
	Lake    *lake.Lake
	Engine  *engine.Engine
	Queries *queries.Set
	Packs   *queries.PackSet
	// AWS says how places on S3 are reached.
	AWS awsclient.Options
	// Tool is copied into reports.
	Tool string
	// Folder says what Write leaves.
	Folder folder.Options
	// Timeout and MaxMemory are as in report.Config.
	Timeout   time.Duration
	MaxMemory int64
	// TempDir is where reports are made; "" means the system's place for temporary files.
	TempDir string
	// Progress is as in report.Config.
	Progress func(n, of int)
}

// Make makes the report of a job and delivers it to all of its places that work. Where an
// attempt before has left it at one, that is copied to the others; what else lies there is an
// error. All copies are compared. The error is about all places that do not have the report.
func (m *Maker) Make(ctx context.Context, j schedule.Job) (_ schedule.Made, err error) {
	made := schedule.Made{Locations: j.Delivered}
	t, err := m.task(ctx, j)
	if err != nil {
		return made, err
	}
	temp, err := tempdir.New(m.TempDir, "traillake-report-", tempdir.AgeShared)
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, temp.Remove()) }()
	dir := filepath.Join(temp.Dir, "report")
	places := m.look(ctx, j)
	err = m.deliver(ctx, t, places, dir)
	made.Locations = nil
	for _, p := range places {
		if p.has {
			made.Locations = append(made.Locations, p.name)
		}
	}
	if err != nil {
		return made, err
	}
	r, err := folder.Read(dir)
	if err != nil {
		return made, err
	}
	made.At = time.Now().UTC()
	summarize(&made, r)
	return made, nil
}

// task is what a job asks for.
type task struct {
	schedule.Job
	pack   *queries.Pack
	period report.Period
	store  *lake.Store
}

func (m *Maker) task(ctx context.Context, j schedule.Job) (t task, err error) {
	t.Job = j
	if t.pack, t.period, err = m.Plan(&j.Definition, j.Due); err == nil {
		t.store, err = m.Lake.Store(ctx, storeName(&j.Definition))
	}
	return t, err
}

// run makes the report in a local folder.
func (m *Maker) run(ctx context.Context, t task, dir string) error {
	sn, err := snapshot(ctx, t.store, t.Snapshot)
	if err != nil {
		return err
	}
	awaited := ""
	if t.Definition.RequireComplete {
		if awaited, err = Awaited(ctx, sn, t.period); err != nil {
			return err
		}
		if awaited != "" && !t.Overdue {
			return &schedule.Incomplete{Reason: awaited}
		}
	}
	if sn.ID() != t.Snapshot {
		if err := t.Pin(ctx, sn.ID()); err != nil {
			return err
		}
	}
	_, err = folder.Write(ctx, m.Engine, report.Config{
		Pack: t.pack, Queries: m.Queries, Store: t.store.ID(), Snapshot: lake.Point{ID: sn.ID()}, Period: t.period, Awaited: awaited,
		Tool: m.Tool, Timeout: m.Timeout, MaxMemory: m.MaxMemory, Progress: m.Progress,
	}, dir, m.Folder)
	return err
}

// snapshot returns the newest snapshot, or that which an attempt before has chosen, if it
// is still kept.
func snapshot(ctx context.Context, s *lake.Store, id int64) (*lake.Snapshot, error) {
	if id != 0 {
		sn, err := s.SnapshotAt(ctx, lake.Point{ID: id})
		if !errors.Is(err, lake.ErrSnapshotNotFound) {
			return sn, err
		}
	}
	return s.Snapshot(ctx)
}

// Plan returns what a definition reports at a due time. The error says why it cannot.
func (m *Maker) Plan(d *schedule.Definition, due time.Time) (*queries.Pack, report.Period, error) {
	pack, err := report.Find(m.Packs, m.Queries, d.Report, d.Params)
	if err != nil {
		return nil, report.Period{}, err
	}
	times, err := schedule.ParseTimes(d.Cron, d.TimeZone)
	if err != nil {
		return nil, report.Period{}, err
	}
	period, err := report.ParsePeriod(d.Period, due, times.Zone())
	return pack, period, err
}

func storeName(d *schedule.Definition) string {
	if d.Store == "" {
		return lake.DefaultStore
	}
	return d.Store
}
