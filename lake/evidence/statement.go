package evidence

import (
	"time"

	"traillake/internal/sealed"
	"traillake/lake"
)

// The files of a folder.
const (
	StatementName = "verify.json"
	FilesName     = "files.csv"
	ObjectsName   = "objects.csv"
	ReadmeName    = "README.txt"
	auditDir      = "audit"
)

// Schema is the version of the JSON form of a Statement, and ManifestSchema that of the
// manifest. Fields may be added under the same numbers; none is renamed or removed. The
// columns of the CSV files belong to it: more may follow the known ones.
const (
	Schema         = "traillake.evidence/1"
	ManifestSchema = "traillake.evidence.manifest/1"
)

// Statement is what verify.json says.
type Statement struct {
	// Schema is the constant of that name.
	Schema string `json:"schema"`
	// Tool names the program and its version.
	Tool string `json:"tool"`
	Lake Lake   `json:"lake"`
	// Deep says that every data file was read to its end, and compared with its hash.
	Deep bool `json:"deep"`
	// Checks are what was checked, Problems what was wrong; none means that the lake was
	// whole.
	Checks   []Checked `json:"checks"`
	Problems []Problem `json:"problems"`
	// NotChecked says in sentences what was not.
	NotChecked []string `json:"notChecked"`
	// Stores are the event data stores, by name.
	Stores []Store `json:"stores"`
	// Files and Objects are the numbers of rows of the CSV files, Bytes the size of all files.
	Files   int64 `json:"files"`
	Bytes   int64 `json:"bytes"`
	Objects int64 `json:"objects"`
}

// Lake says which lake it is.
type Lake struct {
	ID      string    `json:"id"`
	Created time.Time `json:"created"`
}

// Checked is an invariant, and on how many things it was checked.
type Checked struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Unit    string `json:"unit"`
	Checked int64  `json:"checked"`
}

// Problem is a place where one does not hold.
type Problem struct {
	Check  string `json:"check"`
	Store  string `json:"store,omitempty"`
	Path   string `json:"path,omitempty"`
	Reason string `json:"reason"`
}

// Store is the state of an event data store.
type Store struct {
	Name string `json:"name"`
	ID   string `json:"id"`
	// Commit is the number of the newest commit, Committed its time.
	Commit    int64     `json:"commit"`
	Committed time.Time `json:"committed"`
	// Snapshot is the table's snapshot id; 0 for a store without data.
	Snapshot int64 `json:"snapshot"`
	// Heads are what the state is known by.
	Heads lake.Heads `json:"heads"`
	// Audit is the file with the commit records.
	Audit string `json:"audit"`
	// Events are in DataFiles of DataBytes.
	Events    int64 `json:"events"`
	DataFiles int64 `json:"dataFiles"`
	DataBytes int64 `json:"dataBytes"`
	// Objects were ingested, with Records = stored + Filtered + Quarantined.
	Objects     int64 `json:"objects"`
	Records     int64 `json:"records"`
	Filtered    int64 `json:"filtered"`
	Quarantined int64 `json:"quarantined"`
	// Verified, Unverified and Failed are the Objects by what CloudTrail's digests said.
	Verified   int64 `json:"verified"`
	Unverified int64 `json:"unverified"`
	Failed     int64 `json:"failed"`
	// MissingLogs are logs that digests named and that were not there to be ingested: see
	// lake.Snapshot.Deliveries. Nil in a statement of a version that did not look for them.
	MissingLogs *int64 `json:"missingLogs,omitempty"`
	// MissingDigests are digests that others named and that were not there, or not valid: see
	// lake.MissingDigest. Nil in statements that older versions made.
	MissingDigests *int64 `json:"missingDigests,omitempty"`
}

// manifest is the manifest of a folder.
type manifest struct {
	Schema string        `json:"schema"`
	Tool   string        `json:"tool"`
	Lake   string        `json:"lake"`
	Files  []sealed.File `json:"files"`
}
