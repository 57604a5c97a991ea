package folder

import (
	"traillake/internal/sealed"
	"traillake/queries/report"
)

// Files of a report's folder beside the report: see package sealed.
const (
	// ManifestName is the file of the manifest in a folder.
	ManifestName = sealed.ManifestName
	// SignatureName is the file of the manifest's signature.
	SignatureName = sealed.SignatureName
	// PublicKeyName is the file of the key that checks it. The manifest lists it.
	PublicKeyName = sealed.PublicKeyName
)

// ManifestSchema is the version of the JSON form of a Manifest. Fields may be added under
// the same number; none is renamed or removed.
const ManifestSchema = "traillake.manifest/1"

// Manifest lists the files of a report's folder.
type Manifest struct {
	// Schema is ManifestSchema.
	Schema string `json:"schema"`
	// Tool, Pack, Period, Store and Snapshot are those of the report.
	Tool     string        `json:"tool,omitempty"`
	Pack     string        `json:"pack"`
	Period   report.Period `json:"period"`
	Store    string        `json:"store"`
	Snapshot int64         `json:"snapshot"`
	// Files are all others, by name.
	Files []File `json:"files"`
}

// File is a file of a report.
type File = sealed.File
