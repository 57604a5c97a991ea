package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine/dialect"
	"traillake/lake"
	"traillake/schema"
)

// planTrino is the front end of CloudTrail Lake's SQL. What runs is printed from the
// typed tree; the user's text ends with the parser.
func planTrino(r Request) (*plan, error) {
	text := r.SQL
	a, err := analyze(r)
	if err != nil {
		return nil, err
	}
	if r.TotalOrder {
		a.Statement.Query.OrderTotally()
	}
	d, err := dialect.PrintDuckDB(a.Statement, duckOptions)
	if err != nil {
		return nil, trinoError(text, err)
	}
	t := &trinoPlan{text: r.SQL, statement: a.Statement, columns: d.Columns, varies: a.Varies}
	for _, r := range d.Reads {
		t.full = t.full || r.Text
	}
	p := &plan{sql: d.SQL, trino: t}
	for _, use := range a.Stores {
		at := -1
		read := map[string]bool{}
		var filters []*dialect.Filter
		for _, s := range a.Statement.Scans {
			if s.Store != use.Store {
				continue
			}
			if at < 0 {
				at = s.Pos
			}
			if r := d.Reads[s.ID]; r != nil { // else it stands in an output that nothing reads
				maps.Copy(read, r.Columns)
				filters = append(filters, r.Filter)
			}
		}
		p.tables = append(p.tables, planTable{
			name: use.Store, reads: func(c string) bool { return read[c] }, bounds: lake.TimeRange{From: use.Bounds.From, To: use.Bounds.To},
			filter:   filterOf(filters),
			distinct: r.DistinctEvents, counted: len(read) == 0 && !r.DistinctEvents,
			unknown: func(err error) error { return &unknownStore{errorAt(text, at, "%v", err), err} },
		})
	}
	return p, nil
}

var duckOptions = dialect.DuckOptions{
	Table:   func(s *dialect.StoreScan) string { return trinoView(s.Store) },
	Storage: func(*dialect.StoreScan) *dialect.Storage { return storage },
}

// Check reports what is wrong with a query in Trino's dialect without running it and
// without a lake, so that it cannot know which stores there are. Errors are of type
// *StatementError.
func Check(r Request) error {
	_, err := analyze(r)
	return err
}

func analyze(r Request) (*dialect.Analysis, error) {
	args, err := literals(r.Args)
	if err != nil {
		return nil, err
	}
	a, err := dialect.Analyze(r.SQL, dialect.Options{
		Catalog: trinoCatalog{r.Store}, Now: r.Now,
		Named: namedLiterals(r.Params), Positional: args,
	})
	if err != nil {
		return nil, trinoError(r.SQL, err)
	}
	return a, nil
}

// trinoView is the name of a store in printed SQL. It is none that the printer gives to
// anything else.
func trinoView(store string) string { return "store:" + store }

// trinoCatalog knows the columns of stores. Whether there is such a store is found when
// its snapshot is pinned.
type trinoCatalog struct{ store string }

var _ dialect.Catalog = trinoCatalog{}

// Table implements dialect.Catalog.
func (c trinoCatalog) Table(name dialect.TableName) *dialect.Table {
	t := &dialect.Table{Store: c.store, Columns: trinoColumns, Time: trinoTime}
	if !name.Default {
		if len(name.Parts) != 1 {
			return nil
		}
		t.Store = name.Parts[0]
	}
	return t
}

var trinoColumns, trinoTime = func() ([]dialect.Column, int) {
	var cols []dialect.Column
	at := -1
	add := func(c schema.Column, hidden bool) {
		if c.Name == schema.ColEventTime {
			at = len(cols)
		}
		cols = append(cols, dialect.Column{Name: c.Name, Type: dialect.MustType(c.Type()), Hidden: hidden})
	}
	for _, c := range schema.Visible() {
		add(c, false)
	}
	for _, c := range schema.Reachable() {
		add(c, true)
	}
	return cols, at
}()

// storage and trinoStorage say how the columns lie in data files, with the SQL of
// DuckDB and of Trino.
var storage, trinoStorage = storageFor(duckRecord), storageFor(trinoRecord)

func storageFor(sql recordSQL) *dialect.Storage {
	st := &dialect.Storage{Raw: schema.ColRaw, Key: schema.ColEventName, Needles: lake.NeedleColumns()}
	for _, c := range schema.Stored() {
		s := storedColumn(c)
		switch c.Name {
		case "eventcategory":
			s.SQL = func(p string) string {
				return "coalesce(" + p + ".eventcategory, CASE WHEN " + p + ".managementevent = false THEN 'Data' ELSE 'Management' END)"
			}
			s.From, s.Else = []string{"eventcategory", "managementevent"}, []string{"Data", "Management"}
		case "eventcontext":
			s.Kind, s.Members = dialect.StoredJSON, storedContext(s.Type)
		}
		st.Columns = append(st.Columns, s)
	}
	record := []string{schema.ColRaw}
	for _, c := range schema.DeliveredColumns() {
		record = append(record, c.Name)
	}
	st.Columns = append(st.Columns,
		dialect.Stored{Name: schema.ColEventJSON, Type: dialect.Varchar, Text: true, SQL: sql.eventJSON, Holds: sql.holds, From: record},
		dialect.Stored{Name: schema.ColEventChecksum, Type: dialect.Varchar, Whole: true, From: record,
			SQL: func(p string) string { return sql.checksum(sql.eventJSON(p)) }},
		dialect.Stored{Name: schema.ColSourceVerdict, Type: dialect.Varchar, From: verdictColumns})
	return st
}

func storedColumn(c schema.Column) dialect.Stored {
	s := dialect.Stored{Name: c.Name, Key: c.Key, Hidden: c.Hidden, Type: dialect.MustType(c.Type()), Repeats: c.Kind == schema.KindString && c.Dictionary()}
	switch c.Kind {
	case schema.KindJSON:
		s.Kind = dialect.StoredMap
	case schema.KindStruct:
		s.Kind = dialect.StoredRow
	case schema.KindList:
		s.Kind = dialect.StoredList
	}
	for _, m := range c.Members {
		s.Members = append(s.Members, storedColumn(m))
	}
	return s
}

// contextKeys are the record's spelling of the members of eventcontext.
var contextKeys = map[string]string{
	"requestcontext": "requestContext", "tagcontext": "tagContext", "resourcetags": "resourceTags",
	"principaltags": "principalTags", "arn": "arn", "tags": "tags",
}

// storedContext describes the members of a row that is stored as JSON text.
func storedContext(t *dialect.Type) []dialect.Stored {
	if t.Kind == dialect.KindArray {
		t = t.Elem()
	}
	var members []dialect.Stored
	for i, e := range t.Elems {
		m := dialect.Stored{Name: t.Names[i], Key: contextKeys[t.Names[i]], Type: e}
		switch e.Kind {
		case dialect.KindMap:
			m.Kind = dialect.StoredMap
		case dialect.KindRow, dialect.KindArray:
			m.Kind, m.Members = dialect.StoredJSON, storedContext(e)
		}
		members = append(members, m)
	}
	return members
}

// trinoError places an error of the dialect in the text.
func trinoError(text string, err error) error {
	var e *dialect.Error
	var p *dialect.PrintError
	switch {
	case errors.As(err, &e):
		msg := e.Message
		if e.Hint != "" {
			msg += "; " + e.Hint
		}
		s := errorAt(text, e.Offset, "%s", msg)
		s.Code = string(e.Code)
		return s
	case errors.As(err, &p):
		s := errorAt(text, p.Pos, "%s", p.Message)
		s.Code = p.Code
		return s
	}
	return err
}

// trinoPlan is what a printed statement needs beyond its SQL.
type trinoPlan struct {
	text      string
	statement *dialect.Statement
	columns   []dialect.Column
	full      bool // hidden members of rows are read
	varies    bool // see dialect.Analysis
}

// view returns the stored columns of a store.
func (t *trinoPlan) view(pin *Pin) (string, error) {
	if pin.Counted != nil {
		return fmt.Sprintf("SELECT NULL FROM range(%d)", rowsOf(pin.Counted)), nil
	}
	from, err := files(pin, pathsOf(pin.Files), t.full)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(pin.Files, func(f File) bool { return !f.canonical }) {
		// DuckDB leaves out the half of every expression that is for texts.
		return "SELECT * REPLACE (NULL::VARCHAR AS " + quoteName(schema.ColRaw) + ") FROM " + from, nil
	}
	return "SELECT * FROM " + from, nil
}

// runtimeError says what went wrong without the SQL that the user never saw.
func (t *trinoPlan) runtimeError(x *ExecError) error {
	if x.Class == ClassSyntax || x.Class == ClassBind {
		return fmt.Errorf("run query: the printed SQL does not fit the database, which is a defect of this program: %s", firstLine(x.Message))
	}
	code, message := dialect.RuntimeError(x.Message)
	at, hint := t.statement.Blame(duckOptions, x.Message, code, message)
	if hint != "" {
		message += "; " + hint
	}
	e := errorAt(t.text, at, "%s", message)
	e.Code = code
	return e
}

// TrinoType is the key of a field's metadata that holds the Trino type of a column.
const TrinoType = "trino_type"

// schema names the columns, and the fields of rows, as the statement does.
func (t *trinoPlan) schema(s *arrow.Schema) *arrow.Schema {
	fields := s.Fields()
	for i, c := range t.columns {
		f := &fields[i]
		f.Name = c.Name
		f.Type = relabel(f.Type, c.Type)
		keys, values := f.Metadata.Keys(), f.Metadata.Values()
		f.Metadata = arrow.NewMetadata(append(append([]string(nil), keys...), TrinoType), append(append([]string(nil), values...), c.Type.String()))
	}
	return arrow.NewSchema(fields, nil)
}

// relabel gives the fields of structs the names of rows, and times the zones that they are shown in.
func relabel(a arrow.DataType, t *dialect.Type) arrow.DataType {
	switch a := a.(type) {
	case *arrow.StructType:
		if t.Kind != dialect.KindRow {
			return a
		}
		fields := append([]arrow.Field(nil), a.Fields()...)
		for i := range fields {
			fields[i].Name = rowField(t, i)
			fields[i].Type = relabel(fields[i].Type, t.Elems[i])
		}
		return arrow.StructOf(fields...)
	case *arrow.ListType:
		if t.Kind != dialect.KindArray {
			return a
		}
		f := a.ElemField()
		f.Type = relabel(f.Type, t.Elem())
		return arrow.ListOfField(f)
	case *arrow.MapType:
		if t.Kind != dialect.KindMap {
			return a
		}
		k, v := a.KeyField(), a.ItemField()
		k.Type, v.Type = relabel(k.Type, t.Key()), relabel(v.Type, t.Value())
		return arrow.MapOfFields(k, v)
	case *arrow.TimestampType:
		if t.Kind == dialect.KindTimestampTZ && t.Zone != "" {
			return &arrow.TimestampType{Unit: a.Unit, TimeZone: t.Zone}
		}
	}
	return a
}

// relabeled returns a batch with the types of a schema, which differ in names only.
func relabeled(s *arrow.Schema, b arrow.RecordBatch) arrow.RecordBatch {
	cols := make([]arrow.Array, b.NumCols())
	for i := range cols {
		data := retyped(b.Column(i).Data(), s.Field(i).Type)
		cols[i] = array.MakeFromData(data)
		data.Release()
	}
	out := array.NewRecordBatch(s, cols, b.NumRows())
	for _, c := range cols {
		c.Release()
	}
	return out
}

func retyped(d arrow.ArrayData, t arrow.DataType) arrow.ArrayData {
	var children []arrow.ArrayData
	if n, ok := t.(arrow.NestedType); ok {
		fields := n.Fields()
		for i, c := range d.Children() {
			ft := fields[min(i, len(fields)-1)].Type
			if m, ok := t.(*arrow.MapType); ok {
				ft = m.Elem()
			}
			children = append(children, retyped(c, ft))
		}
	}
	out := array.NewData(t, d.Len(), d.Buffers(), children, d.NullN(), d.Offset())
	for _, c := range children {
		c.Release()
	}
	return out
}
