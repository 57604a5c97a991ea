package evidence

import (
	"bufio"
	"context"
	_ "embed" // for the README
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"traillake/internal/sealed"
	"traillake/internal/sign"
	"traillake/lake"
)

//go:embed README.txt
var readme string

// Options say how to check a lake, and who signs.
type Options struct {
	// Check says how thorough the check is.
	Check lake.CheckOptions
	// Key signs the statement. There must be one.
	Key *sign.Key
	// Tool is copied into the statement.
	Tool string
}

// Write checks a lake and leaves the statement in the folder dst, as sealed.Write does. What is
// wrong with the lake is part of it; the error is for a lake of which no statement can be made,
// since its chains cannot be read.
//
// The statement is on each store as of its newest commit when Write began. The check is made
// afterwards, of that commit and of any that follow meanwhile.
func Write(ctx context.Context, l *lake.Lake, dst string, o Options) (st *Statement, report *lake.Report, err error) {
	stores, err := l.Stores(ctx)
	if err != nil {
		return nil, nil, err
	}
	snapshots := make([]*lake.Snapshot, len(stores))
	for i, s := range stores {
		if snapshots[i], err = s.Snapshot(ctx); err != nil {
			return nil, nil, err
		}
	}
	if report, err = lake.Check(ctx, l, o.Check); err != nil {
		return nil, nil, err
	}
	st = &Statement{
		Schema: Schema, Tool: o.Tool, Lake: Lake{l.ID(), l.Created().UTC()}, Deep: o.Check.Deep,
		Checks: []Checked{}, Problems: []Problem{}, NotChecked: notChecked(o.Check.Deep), Stores: []Store{},
	}
	for _, c := range report.Checks {
		st.Checks = append(st.Checks, Checked{c.ID, c.Title, c.Unit, c.Checked})
	}
	for _, p := range report.Problems {
		st.Problems = append(st.Problems, Problem{p.Invariant, p.Store, p.Path, p.Err.Error()})
	}
	err = sealed.Write(dst, func(dir string) error {
		if err := st.write(ctx, l, snapshots, dir); err != nil {
			return err
		}
		return sealed.Seal(dir, o.Key, func(files []sealed.File) any {
			return manifest{ManifestSchema, o.Tool, l.ID(), files}
		})
	}, auditDir)
	if err != nil {
		return nil, report, fmt.Errorf("write statement %s: %w", dst, err)
	}
	return st, report, nil
}

// notChecked says what a check of a lake leaves open.
func notChecked(deep bool) []string {
	list := []string{
		"whether the source objects were still as they were ingested: nothing but the lake was read",
		"whether CloudTrail delivered objects that were never ingested",
		"whether the events are those of the source objects; ingesting the objects again into an empty lake tells",
		"older snapshots of the stores, and what schedules keep, are not in the list of files",
	}
	if !deep {
		list = append([]string{"whether the data files still have the hashes in the list of files, which are those of the commits that wrote them: their sizes and ends were compared (--deep reads them)"}, list...)
	}
	return list
}

// write writes everything but the manifest.
func (st *Statement) write(ctx context.Context, l *lake.Lake, snapshots []*lake.Snapshot, dir string) error {
	if err := os.Mkdir(filepath.Join(dir, auditDir), 0o700); err != nil {
		return err
	}
	for _, sn := range snapshots {
		st.Stores = append(st.Stores, Store{
			Name: sn.Store().Name(), ID: sn.Store().ID(), Commit: sn.Seq(), Committed: sn.Committed(), Snapshot: sn.ID(), Heads: sn.Heads(),
			Audit: auditName(sn.Store().ID()), Events: sn.Rows(), DataFiles: sn.FileCount(), DataBytes: sn.Bytes(),
		})
	}
	err := table(dir, FilesName, fileColumns, func(put func([]string) error) error {
		one := func(f lake.StoredFile) error {
			st.Files++
			st.Bytes += f.Size
			return put(fileRow(f))
		}
		files, err := l.Inventory(ctx)
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := one(f); err != nil {
				return err
			}
		}
		for _, sn := range snapshots {
			for f, err := range sn.Inventory(ctx) {
				if err != nil {
					return err
				}
				if err := one(f); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = table(dir, ObjectsName, objectColumns, func(put func([]string) error) error {
		for i, sn := range snapshots {
			s := &st.Stores[i]
			missing, err := sn.Deliveries(ctx, func(o lake.ObjectEntry) error {
				s.add(o)
				return put(objectRow(s.Name, o))
			})
			if err != nil {
				return err
			}
			logs, digests := int64(len(missing.Logs)), int64(len(missing.Digests))
			s.MissingLogs, s.MissingDigests = &logs, &digests
			st.Objects += s.Objects
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, sn := range snapshots {
		if err := file(dir, st.Stores[i].Audit, func(w io.Writer) error {
			_, _, err := sn.ExportAudit(ctx, w)
			return err
		}); err != nil {
			return err
		}
	}
	text, err := sealed.JSON(st)
	if err != nil {
		return err
	}
	if err := sealed.WriteFile(filepath.Join(dir, StatementName), text); err != nil {
		return err
	}
	return sealed.WriteFile(filepath.Join(dir, ReadmeName), []byte(readme))
}

// auditName is the file with the commit records of a store.
func auditName(id string) string { return auditDir + "/" + id + ".jsonl" }

// add counts an object.
func (s *Store) add(o lake.ObjectEntry) {
	s.Objects++
	s.Records += o.RowsIn
	s.Filtered += o.Filtered
	s.Quarantined += o.Quarantined
	switch o.Verdict {
	case lake.VerdictVerified:
		s.Verified++
	case lake.VerdictFailed:
		s.Failed++
	default:
		s.Unverified++
	}
}

// table writes a CSV file, row by row.
func table(dir, name string, columns []string, fill func(put func([]string) error) error) error {
	return file(dir, name, func(w io.Writer) error {
		out := csv.NewWriter(w)
		err := out.Write(columns)
		if err == nil {
			err = fill(out.Write)
		}
		out.Flush()
		return errors.Join(err, out.Error())
	})
}

// file writes a new file and waits until it is on the disk.
func file(dir, name string, fill func(io.Writer) error) error {
	f, err := os.OpenFile(filepath.Join(dir, filepath.FromSlash(name)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	err = fill(w)
	if err = errors.Join(err, w.Flush(), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
