package job

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"traillake/internal/sign"
	"traillake/queries/report"
	"traillake/queries/report/folder"
	"traillake/schedule/deliver"
)

// errForeign reports a report that lies at a job's place and is not the job's.
var errForeign = errors.New("it is not the report of this run")

// advice says what can be done about an error.
func advice(err error) string {
	if !foreign(err) {
		return ""
	}
	return "; move it away, or replace the schedule by one with another --to"
}

// foreign reports whether something else than the job's report lies at a place.
func foreign(err error) bool {
	return errors.Is(err, errForeign) || errors.Is(err, deliver.ErrExists)
}

// maxDifferences is how many differences an error names.
const maxDifferences = 3

// check returns nil where a folder holds the report of a task, as an attempt before has left
// it. The report must be whole, signed by our key if we have one, and of what is known of
// the task: an attempt records its snapshot before it delivers anything, so that a report of
// another snapshot, or one where none was chosen, is not ours. The error wraps errForeign.
func (m *Maker) check(t task, dir string) error {
	differ, err := m.damage(dir)
	if err == nil && len(differ) == 0 {
		differ, err = m.differences(t, dir)
	}
	if err != nil || len(differ) == 0 {
		return err
	}
	if n := len(differ) - maxDifferences; n > 0 {
		differ = append(differ[:maxDifferences], fmt.Sprintf("and %d more", n))
	}
	return fmt.Errorf("%w: %s", errForeign, strings.Join(differ, ", "))
}

// damage lists the files that are not as they were written.
func (m *Maker) damage(dir string) (problems []string, err error) {
	var key *sign.PublicKey
	if m.Folder.Key != nil {
		public := m.Folder.Key.Public()
		key = &public
	}
	c, err := folder.Verify(dir, key)
	if err != nil {
		return nil, err
	}
	for _, p := range c.Problems {
		if key != nil || c.Signed || p.File != folder.SignatureName { // who has no key signs nothing
			problems = append(problems, p.File+" ("+p.What+")")
		}
	}
	return problems, nil
}

// differences lists what a report is of, and the task is not.
func (m *Maker) differences(t task, dir string) (differ []string, err error) {
	r, err := folder.Read(dir)
	if err != nil {
		return nil, err
	}
	say := func(what, is, want string) {
		if is != want {
			differ = append(differ, fmt.Sprintf("its %s is %s and not %s", what, is, want))
		}
	}
	say("store", r.Store.ID, t.store.ID())
	say("pack or query", r.Pack.Name, t.pack.Name)
	say("period", periodText(r.Period), periodText(t.period))
	if t.Snapshot == 0 && r.Store.Snapshot != 0 {
		differ = append(differ, fmt.Sprintf("it is of the snapshot %d, and this run has chosen none yet", r.Store.Snapshot))
	} else {
		say("snapshot", fmt.Sprint(r.Store.Snapshot), fmt.Sprint(t.Snapshot))
	}
	if len(differ) == 0 && r.Catalogue != report.Catalogue(t.pack, m.Queries) {
		differ = append(differ, "it was made by other queries or with other parameters")
	}
	return differ, nil
}

func periodText(p report.Period) string {
	zone := p.Zone
	if zone == "" {
		zone = "UTC"
	}
	return p.Since.UTC().Format(time.RFC3339) + "/" + p.Until.UTC().Format(time.RFC3339) + " of " + zone
}
