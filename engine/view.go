package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/schema"
)

// need is what a statement wants of a store's columns. A view holds no more, since
// the cost of some columns begins when the view is bound.
type need struct {
	// named says whether a column may be used.
	named func(column string) bool
	// whole says whether a struct column is used as a value of its own, and not
	// only by the scalar members of it.
	whole func(column string) bool
	// hidden are the columns to show beside those of SELECT *.
	hidden []string
}

// fieldIDKey is where Arrow's Parquet reader and writer keep the id of a field.
const fieldIDKey = "PARQUET:field_id"

// viewSQL returns the SELECT that makes the logical columns out of data files.
func viewSQL(pin *Pin, files []string, n need) (string, error) {
	full := n.named(schema.ColEventJSON) || n.named(schema.ColEventChecksum)
	from, err := relation(pin.schema, files, full)
	if err != nil {
		return "", err
	}
	var cols []string
	for _, c := range schema.Visible() {
		if sql := logical(c, n, full); sql != "" {
			cols = append(cols, sql+" AS "+quoteName(c.Name))
		}
	}
	for _, c := range schema.Reachable() {
		for _, h := range n.hidden {
			if h == c.Name {
				cols = append(cols, logical(c, n, full)+" AS "+quoteName(c.Name))
			}
		}
	}
	return "SELECT " + strings.Join(cols, ", ") + " FROM " + pin.once(pin.judged(from)) + " AS p", nil
}

// once returns the table expression that gives each event once, if the pin asks for it: of
// the rows with one eventid and recipientaccountid the one that was ingested first. Rows
// without an eventid cannot be told apart and all stay.
func (p *Pin) once(from string) string {
	if !p.distinct {
		return from
	}
	return "(SELECT * FROM " + from + " QUALIFY eventid IS NULL OR row_number() OVER (PARTITION BY eventid, recipientaccountid" +
		" ORDER BY " + quoteName(schema.ColIngestSeq) + ", " + quoteName(schema.ColSource) + ") = 1)"
}

// onceColumns are the stored columns that once reads.
var onceColumns = []string{schema.ColEventID, "recipientaccountid", schema.ColIngestSeq, schema.ColSource}

// relation returns the table expression over the stored columns. Columns are found
// by field id, so that files written before a column existed are read too. Hidden
// members of structs are left out unless full is set.
func relation(physical *arrow.Schema, files []string, full bool) (string, error) {
	if len(files) == 0 {
		var cols []string
		for _, c := range schema.Stored() {
			cols = append(cols, "NULL::"+storedType(c, full)+" AS "+quoteName(c.Name))
		}
		return "(SELECT " + strings.Join(cols, ", ") + " WHERE false)", nil
	}
	var cols []string
	for _, c := range schema.Stored() {
		i := physical.FieldIndices(c.Name)
		if len(i) != 1 {
			return "", fmt.Errorf("column %q: the store has %d of that name", c.Name, len(i))
		}
		id, ok := physical.Field(i[0]).Metadata.GetValue(fieldIDKey)
		if !ok {
			return "", fmt.Errorf("column %q: no field id", c.Name)
		}
		cols = append(cols, fmt.Sprintf("%s: {name: %s, type: %s, default_value: NULL}", id, quoteText(c.Name), quoteText(storedType(c, full))))
	}
	return "read_parquet([" + quotedList(files) + "], schema = MAP {" + strings.Join(cols, ", ") + "})", nil
}

// files returns the table expression over the files of a pin. Where all of them have
// the columns that this program knows, they are read as they are: only then does
// DuckDB read single members of a struct and leave the others. Measured, a query over
// three members of useridentity took 1.6 s with and 0.6 s without the schema that
// relation spells out. Structs have their hidden members then, whatever full says.
func files(pin *Pin, paths []string, full bool) (string, error) {
	if len(paths) == 0 || !pin.alike || !asStored(pin.schema.Fields(), schema.Stored()) {
		from, err := relation(pin.schema, paths, full)
		return pin.once(pin.judged(from)), err
	}
	return pin.once(pin.judged("read_parquet([" + quotedList(paths) + asStoredOptions)), nil
}

// LateFalse is the name of the parameter that a statement may have: see Session.
const LateFalse = "late"

// How a call of read_parquet ends.
const (
	asStoredOptions = "], hive_partitioning = false)"
	lateOptions     = "], hive_partitioning = $" + LateFalse + ")" // as long, since errors have offsets
)

// plannedOnce returns the SELECTs for a statement that is to run. DuckDB plans what is prepared
// once more when it runs, where it reads files; before, it gives up as soon as an option of these
// is a parameter. That saves 2.5 ms for most queries and 35 for a SELECT of all columns.
func plannedOnce(sources []string) []string {
	late := make([]string, len(sources))
	for i, s := range sources {
		late[i] = strings.Replace(s, asStoredOptions, lateOptions, 1)
	}
	return late
}

// asStored says whether fields are exactly the given columns.
func asStored(fields []arrow.Field, cols []schema.Column) bool {
	return slices.EqualFunc(fields, cols, func(f arrow.Field, c schema.Column) bool {
		t := f.Type
		if l, ok := t.(*arrow.ListType); ok && c.Kind == schema.KindList {
			t = l.Elem()
		}
		if s, ok := t.(*arrow.StructType); ok {
			return f.Name == c.Name && asStored(s.Fields(), c.Members)
		}
		return f.Name == c.Name && len(c.Members) == 0
	})
}

func quotedList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, t := range texts {
		quoted[i] = quoteText(t)
	}
	return strings.Join(quoted, ", ")
}

// storedType returns the SQL type of a column as it lies in a data file.
func storedType(c schema.Column, full bool) string {
	switch c.Kind {
	case schema.KindBool:
		return "BOOLEAN"
	case schema.KindTimestamp:
		return "TIMESTAMP"
	case schema.KindInt:
		return "BIGINT"
	case schema.KindStruct, schema.KindList:
		var members []string
		for _, m := range c.Members {
			if full || !m.Hidden {
				members = append(members, quoteName(m.Name)+" "+storedType(m, full))
			}
		}
		t := "STRUCT(" + strings.Join(members, ", ") + ")"
		if c.Kind == schema.KindList {
			t += "[]"
		}
		return t
	default:
		return "VARCHAR"
	}
}

// logical returns the expression of a logical column, or "" for one that costs much
// and is not wanted.
func logical(c schema.Column, n need, full bool) string {
	p := "p." + quoteName(c.Name)
	switch c.Name {
	case schema.ColEventJSON:
		if !full {
			return ""
		}
		return duckRecord.eventJSON("p")
	case schema.ColEventChecksum:
		if !n.named(c.Name) {
			return ""
		}
		return duckRecord.checksum(duckRecord.eventJSON("p"))
	case "eventcategory":
		// Records older than eventVersion 1.07 do not say it.
		return "coalesce(" + p + ", CASE WHEN p.managementevent = false THEN 'Data' ELSE 'Management' END)"
	case "eventcontext":
		return eventContext(p)
	}
	switch {
	case c.Kind == schema.KindJSON:
		return jsonMap(p)
	case c.Kind == schema.KindStruct && n.whole(c.Name) && rebuilt(c, full):
		return logicalStruct(c, p, full, 0)
	case c.Kind == schema.KindList && rebuilt(c, full):
		v := "e0"
		return "list_transform(" + p + ", lambda " + v + " : " + logicalStruct(c, v, full, 1) + ")"
	default:
		return p
	}
}

// rebuilt says whether the stored struct differs from the logical one.
func rebuilt(c schema.Column, full bool) bool {
	for _, m := range c.Members {
		if m.Hidden && full || m.Kind == schema.KindJSON || rebuilt(m, full) {
			return true
		}
	}
	return false
}

// logicalStruct returns the struct without hidden members and with maps for JSON.
func logicalStruct(c schema.Column, p string, full bool, depth int) string {
	var members []string
	for _, m := range c.Members {
		if m.Hidden {
			continue
		}
		mp := p + "." + quoteName(m.Name)
		switch {
		case m.Kind == schema.KindJSON:
			mp = jsonMap(mp)
		case m.Kind == schema.KindStruct && rebuilt(m, full):
			mp = logicalStruct(m, mp, full, depth)
		}
		members = append(members, quoteName(m.Name)+" := "+mp)
	}
	return "CASE WHEN " + p + " IS NOT NULL THEN struct_pack(" + strings.Join(members, ", ") + ") END"
}

// jsonMap returns the map of a JSON block: sorted keys, each once, since DuckDB
// compares and groups maps by their entries in order.
func jsonMap(x string) string { return MembersFunction + "(" + x + ")" }

// eventContext returns eventcontext as a row.
func eventContext(x string) string {
	tags := "list_transform(" + ElementsFunction + "(t['resourceTags'])," +
		" lambda r : list_transform([" + jsonMap("r") + "]," +
		" lambda e : struct_pack(arn := e['arn'], tags := " + jsonMap("e['tags']") + "))[1])"
	// The lambdas give the maps names, so that each text is parsed once.
	tagContext := "list_transform([" + jsonMap("c['tagContext']") + "]," +
		" lambda t : CASE WHEN t IS NOT NULL THEN struct_pack(resourcetags := " + tags +
		", principaltags := " + jsonMap("t['principalTags']") + ") END)[1]"
	return "list_transform([" + jsonMap(x) + "]," +
		" lambda c : CASE WHEN c IS NOT NULL THEN struct_pack(requestcontext := " + jsonMap("c['requestContext']") +
		", tagcontext := " + tagContext + ") END)[1]"
}
