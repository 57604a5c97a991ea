package folder

import (
	"fmt"

	"traillake/internal/sealed"
	"traillake/internal/sign"
	"traillake/queries/report"
)

// Check says what Verify found.
type Check struct {
	// Manifest is what the folder holds by its own account; nil where it cannot be read.
	Manifest *Manifest `json:"manifest,omitempty"`
	sealed.Check
}

// Problem is a file that is not as it was written.
type Problem = sealed.Problem

// Verify checks every file of a report's folder against the manifest, and the manifest
// against its signature, as sealed.Verify does.
func Verify(dir string, key *sign.PublicKey) (*Check, error) {
	m := &Manifest{}
	c, ok, err := sealed.Verify(dir, key, ManifestSchema, m, report.RowsFolder)
	if err != nil {
		return nil, fmt.Errorf("verify report %s: %w", dir, err)
	}
	if !ok {
		m = nil
	}
	return &Check{Manifest: m, Check: *c}, nil
}
