package report

import (
	"fmt"
	"time"

	"traillake/queries"
)

// Find returns the pack of a name or, where there is none, a pack of the saved query of
// that name with these parameters. A pack gives its queries their parameters itself. It
// checks what can be checked without a store.
func Find(packs *queries.PackSet, set *queries.Set, name string, params map[string]string) (*queries.Pack, error) {
	pack, err := packs.Get(name)
	if err == nil {
		if len(params) > 0 {
			return nil, fmt.Errorf("%w: %s is a pack, which gives its queries their parameters", queries.ErrParameter, name)
		}
		if pack.File != "" {
			return pack, queries.CheckPack(pack, set)
		}
		return pack, nil
	}
	q, queryErr := set.Get(name)
	if queryErr != nil {
		return nil, fmt.Errorf("no pack and no saved query is called %q: %w; %w", name, err, queryErr)
	}
	for _, name := range []string{"since", "until"} {
		if _, ok := params[name]; ok { // the report would name one period and read another
			return nil, fmt.Errorf("%w %s: a report reads its period; give that instead", queries.ErrParameter, name)
		}
	}
	single := Single(q, params)
	// Any period shows whether the values fit.
	since := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err = single.Controls[0].Queries[0].Values(q, since, since.AddDate(0, 1, 0))
	return single, err
}
