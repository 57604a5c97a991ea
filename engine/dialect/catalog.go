package dialect

// Catalog knows the event data stores.
type Catalog interface {
	// Table returns the store that a name means, nil for none.
	Table(name TableName) *Table
}

// TableName is a table as a query names it.
type TableName struct {
	// Parts are the parts of the name without quotes: a store's name, its id or its
	// ARN, perhaps with catalog and schema in front. Letter case is as written.
	Parts []string
	// Default is set for $EDS_ID; Parts is empty then.
	Default bool
}

// Table describes an event data store.
type Table struct {
	// Store is the name under which facts and scans speak of the store.
	Store string
	// Columns are all columns that can be named.
	Columns []Column
	// Time is the index of the column by whose bounds files are left out, -1 for
	// none. Its type is a timestamp.
	Time int
}
