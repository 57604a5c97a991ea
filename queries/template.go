package queries

import (
	_ "embed"
	"strings"
)

//go:embed template/query.sql
var templateQuery string

//go:embed template/fixture.txtar
var templateFixture string

// Template returns a saved query that works, to begin a new one of that name with, and the
// fixture that tests it. The error is that of a name that is none.
func Template(name string) (query, fixture []byte, err error) {
	if err := checkName(&Query{Name: name}); err != nil {
		return nil, nil, err.(*FileError).Err
	}
	return []byte(strings.ReplaceAll(templateQuery, "NAME", name)), []byte(templateFixture), nil
}
