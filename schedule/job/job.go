// Package job makes the reports of schedules: it waits for the data, runs the pack, and
// puts the report where the schedule says.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"traillake/engine"
	"traillake/internal/awsclient"
	"traillake/lake"
	"traillake/queries"
	"traillake/queries/report"
	"traillake/queries/report/folder"
	"traillake/schedule"
	"traillake/schedule/deliver"
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

// reportFile holds the report in a folder.
const reportFile = "report.json"

// Make makes the report of a job and delivers it to all of its places. Where one has it
// already, that is copied to the others.
func (m *Maker) Make(ctx context.Context, j schedule.Job) (_ schedule.Made, err error) {
	var made schedule.Made
	var places []deliver.Place
	var missing []deliver.Place
	var source deliver.Place
	for _, to := range j.Definition.To {
		name := j.Place(to)
		p, err := deliver.Open(ctx, name, folder.ManifestName, m.AWS)
		if err != nil {
			return made, fmt.Errorf("open %s: %w", name, err)
		}
		has, err := p.Has(ctx)
		switch {
		case err != nil:
			return made, fmt.Errorf("look into %s: %w", name, err)
		case !has:
			missing = append(missing, p)
		case source == nil:
			source = p
		}
		places = append(places, p)
		made.Locations = append(made.Locations, name)
	}
	temp, err := os.MkdirTemp(m.TempDir, "traillake-report-*")
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	dir := filepath.Join(temp, "report")
	if source == nil {
		if err := m.run(ctx, j, dir); err != nil {
			return made, err
		}
	} else if len(missing) > 0 {
		if err := fetch(ctx, source, dir); err != nil {
			return made, err
		}
	}
	for _, p := range missing {
		// Another runner may have been first; what it made is as good.
		if err := p.Put(ctx, dir); err != nil && !taken(ctx, p, err) {
			return made, err
		}
	}
	raw, err := places[0].Read(ctx, reportFile)
	if err != nil {
		return made, fmt.Errorf("read report: %w", err)
	}
	var r report.Report
	if err := json.Unmarshal(raw, &r); err != nil {
		return made, fmt.Errorf("read report in %s: %w", made.Locations[0], err)
	}
	made.At = time.Now().UTC()
	summarize(&made, &r)
	return made, nil
}

func taken(ctx context.Context, p deliver.Place, err error) bool {
	if !errors.Is(err, deliver.ErrExists) {
		return false
	}
	has, hasErr := p.Has(ctx)
	return hasErr == nil && has
}

func fetch(ctx context.Context, from deliver.Place, dir string) error {
	raw, err := from.Read(ctx, folder.ManifestName)
	if err != nil {
		return err
	}
	var manifest folder.Manifest
	if err := json.Unmarshal(raw, &manifest); err != nil {
		return fmt.Errorf("read %s: %w", folder.ManifestName, err)
	}
	return deliver.Fetch(ctx, from, &manifest, dir)
}

// run makes the report in a local folder.
func (m *Maker) run(ctx context.Context, j schedule.Job, dir string) error {
	d := j.Definition
	pack, period, err := m.Plan(&d, j.Due)
	if err != nil {
		return err
	}
	s, err := m.Lake.Store(ctx, storeName(&d))
	if err != nil {
		return err
	}
	sn, err := snapshot(ctx, s, j.Snapshot)
	if err != nil {
		return err
	}
	awaited := ""
	if d.RequireComplete {
		if awaited, err = Awaited(ctx, sn, period); err != nil {
			return err
		}
		if awaited != "" && !j.Overdue {
			return &schedule.Incomplete{Reason: awaited}
		}
	}
	if sn.ID() != j.Snapshot {
		if err := j.Pin(ctx, sn.ID()); err != nil {
			return err
		}
	}
	_, err = folder.Write(ctx, m.Engine, report.Config{
		Pack: pack, Queries: m.Queries, Store: s.ID(), Snapshot: lake.Point{ID: sn.ID()}, Period: period, Awaited: awaited,
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
