package job

import (
	"context"
	"fmt"
	"os"
	"slices"

	"traillake/queries/report/folder"
	"traillake/schedule"
	"traillake/schedule/deliver"
)

// place is one of a job's.
type place struct {
	deliver.Place
	name string
	// there says that a report lies there, has that it is the job's, as far as is known.
	there, has bool
	// err is why the place cannot be used; nil as long as it can.
	err error
}

// fail takes a place out of use.
func (p *place) fail(err error) {
	p.err = fmt.Errorf("%w%s", err, advice(err))
	p.has = p.has && !foreign(err)
}

// look opens the places of a job. One that does not answer keeps no report from the others.
func (m *Maker) look(ctx context.Context, j schedule.Job) []*place {
	var places []*place
	for _, to := range j.Definition.To {
		p := &place{name: j.Place(to)}
		p.has = slices.Contains(j.Delivered, p.name)
		places = append(places, p)
		// With the schedule's name added, that would be taken for the bucket.
		if err := deliver.Check(to); err != nil {
			p.err = fmt.Errorf("deliver to %s: %w; replace the schedule by one with another --to", to, err)
			continue
		}
		var err error
		if p.Place, err = deliver.Open(ctx, p.name, j.Definition.Place(to), folder.ManifestName, m.AWS); err != nil {
			p.fail(fmt.Errorf("open %s: %w", p.name, err))
		} else if p.there, err = p.Has(ctx); err != nil {
			p.fail(fmt.Errorf("look into %s: %w", p.name, err))
		} else {
			p.has = p.has && p.there
		}
	}
	return places
}

// deliver leaves the report of a task in a local folder and at every place that works: that of
// a place which has it, or else a new one. The error joins those of the places.
func (m *Maker) deliver(ctx context.Context, t task, places []*place, dir string) error {
	source, err := m.fetch(ctx, t, places, dir)
	if err != nil {
		return err
	}
	// A place that has the report and cannot be read now will be; the others then get that very one.
	if source == nil && slices.ContainsFunc(places, func(p *place) bool { return p.err != nil && p.has }) {
		return join(nil, places)
	}
	if source == nil && slices.ContainsFunc(places, func(p *place) bool { return p.err == nil }) {
		if err := m.run(ctx, t, dir); err != nil {
			return join(err, places)
		}
	}
	for _, p := range places {
		if p.err != nil || p == source {
			continue
		}
		if !p.there {
			if err := p.Put(ctx, dir); err != nil {
				p.fail(err)
				continue
			}
			p.has = true
		}
		if err := deliver.Same(ctx, p, dir); err != nil {
			p.fail(fmt.Errorf("compare %s with the report: %w", p.name, err))
			continue
		}
		p.has = true
	}
	return join(nil, places)
}

// fetch copies the report of a task from the first place that has it, and returns that; nil
// where none has.
func (m *Maker) fetch(ctx context.Context, t task, places []*place, dir string) (*place, error) {
	for _, p := range places {
		if p.err != nil || !p.there {
			continue
		}
		err := deliver.Fetch(ctx, p, dir)
		if err == nil {
			err = m.check(t, dir)
		}
		if err == nil {
			p.has = true
			return p, nil
		}
		p.fail(fmt.Errorf("take up the report in %s: %w", p.name, err))
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// join returns an error and those of places as one, on one line; nil for none.
func join(err error, places []*place) error {
	for _, p := range places {
		switch {
		case p.err == nil:
		case err == nil:
			err = p.err
		default:
			err = fmt.Errorf("%w; %w", err, p.err)
		}
	}
	return err
}
