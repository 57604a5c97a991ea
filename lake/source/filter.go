package source

import (
	"slices"
	"time"
)

// Filter chooses objects by what their keys tell, before they are opened. The zero
// value chooses all. An object whose key does not tell what a filter asks for is
// not chosen.
type Filter struct {
	// From and To bound the day of delivery: From ≤ day < To. Zero means no bound.
	// A log delivered on a day may hold events of earlier ones.
	From, To time.Time
	// Accounts and Regions are those of the folder; empty means any.
	Accounts, Regions []string
}

// Match reports whether f chooses an object at p. When the key does not tell what f
// asks for, untold is true as well.
func (f Filter) Match(p Place) (ok, untold bool) {
	if len(f.Accounts) > 0 && !slices.Contains(f.Accounts, p.Account) {
		return false, p.Account == ""
	}
	if len(f.Regions) > 0 && !slices.Contains(f.Regions, p.Region) {
		return false, p.Region == ""
	}
	if (!f.From.IsZero() || !f.To.IsZero()) && p.Day.IsZero() {
		return false, true
	}
	// A bound inside a day keeps the whole day: the key tells no more.
	if !f.From.IsZero() && p.Day.Before(f.From.UTC().Truncate(24*time.Hour)) {
		return false, false
	}
	return f.To.IsZero() || p.Day.Before(f.To.UTC()), false
}
