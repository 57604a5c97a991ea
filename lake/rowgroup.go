package lake

import (
	"errors"
	"fmt"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"traillake/schema"
)

// rowGroup is the rows of one or more record batches on their way into a row group. It
// holds the columns of all batches one after the other and writes them in another order,
// one column at a time.
//
// The library has a writer for record batches, which this bypasses: it would want a
// sorted copy of the rows first, and hashes every value, or every index, again.
type rowGroup struct {
	rows    int
	columns []arrow.Array
	texts   map[arrow.ArrayData]*codedText // what was encoded already
}

// newRowGroup joins batches of the same columns. The caller must release it.
func newRowGroup(batches []arrow.RecordBatch) (*rowGroup, error) {
	g := &rowGroup{texts: make(map[arrow.ArrayData]*codedText)}
	for i := range batches[0].NumCols() {
		parts := make([]arrow.Array, len(batches))
		for j, b := range batches {
			parts[j] = b.Column(int(i))
		}
		c, err := concatenate(parts)
		if err != nil {
			g.release()
			return nil, err
		}
		g.columns = append(g.columns, c)
	}
	for _, b := range batches {
		g.rows += int(b.NumRows())
	}
	return g, nil
}

func concatenate(parts []arrow.Array) (arrow.Array, error) {
	if len(parts) == 1 {
		parts[0].Retain()
		return parts[0], nil
	}
	return array.Concatenate(parts, memory.DefaultAllocator)
}

func (g *rowGroup) release() {
	for _, c := range g.columns {
		c.Release()
	}
}

// find returns the column with the path; a dot leads into a struct.
func (g *rowGroup) find(path string) arrow.Array {
	name, member, nested := strings.Cut(path, ".")
	for i, c := range schema.Stored() {
		if c.Name != name {
			continue
		}
		if !nested {
			return g.columns[i]
		}
		s := g.columns[i].(*array.Struct)
		at, _ := s.DataType().(*arrow.StructType).FieldIdx(member)
		return s.Field(at)
	}
	panic("BUG: no column " + path)
}

// text returns the codes of a text column.
func (g *rowGroup) text(a arrow.Array) *codedText {
	t, ok := g.texts[a.Data()]
	if !ok {
		t = encodeText(a)
		g.texts[a.Data()] = t
	}
	return t
}

// write writes all columns in the given order of the rows.
func (g *rowGroup) write(to file.SerialRowGroupWriter, order []int32) error {
	root := entries{refs: order, defs: make([]int16, len(order))}
	for i, c := range g.columns {
		if err := g.column(to, c, root, 0); err != nil {
			return fmt.Errorf("column %s: %w", schema.Stored()[i].Name, err)
		}
	}
	return to.Close()
}

// entries are the places at which a column has a value or lacks one, in the order in
// which they are written: for each the position in the column's array, or -1 where
// something above is absent, and the levels of the Parquet format. Definition levels
// are those of the absent ones; reps is nil where nothing repeats.
type entries struct {
	refs []int32
	defs []int16
	reps []int16
}

// column writes a column, or all columns below a struct or list. Level is the definition
// level of the entries that are not absent.
func (g *rowGroup) column(to file.SerialRowGroupWriter, a arrow.Array, e entries, level int16) error {
	switch a := a.(type) {
	case *array.Struct:
		in := e.into(a, level)
		for i := range a.NumField() {
			if err := g.column(to, a.Field(i), in, level+1); err != nil {
				return err
			}
		}
		return nil
	case *array.List:
		return g.column(to, a.ListValues(), e.elements(a, level), level+2)
	}
	cw, err := to.NextColumn()
	if err != nil {
		return err
	}
	switch cw := cw.(type) {
	case *file.ByteArrayColumnChunkWriter:
		err = g.textColumn(cw, a, e, level)
	case *file.Int64ColumnChunkWriter:
		values, defs := gather(e, a, level, int64s(a))
		_, err = cw.WriteBatch(values, defs, e.reps)
	case *file.BooleanColumnChunkWriter:
		b, ok := a.(*array.Boolean)
		if !ok {
			return fmt.Errorf("%w: %s is no column of booleans", ErrInvalid, a.DataType())
		}
		values, defs := gather(e, a, level, b.Value)
		_, err = cw.WriteBatch(values, defs, e.reps)
	default:
		err = fmt.Errorf("%w: nothing writes %s", ErrInvalid, cw.Type())
	}
	return errors.Join(err, cw.Close())
}

// into returns the entries of a struct's members.
func (e entries) into(a arrow.Array, level int16) entries {
	in := entries{refs: make([]int32, len(e.refs)), defs: make([]int16, len(e.refs)), reps: e.reps}
	for i, r := range e.refs {
		switch {
		case r < 0:
			in.refs[i], in.defs[i] = -1, e.defs[i]
		case a.IsNull(int(r)):
			in.refs[i], in.defs[i] = -1, level
		default:
			in.refs[i] = r
		}
	}
	return in
}

// elements returns the entries of a list's elements. It is for lists that lie in no
// other list.
func (e entries) elements(a *array.List, level int16) entries {
	var in entries
	add := func(ref int32, def, rep int16) {
		in.refs, in.defs, in.reps = append(in.refs, ref), append(in.defs, def), append(in.reps, rep)
	}
	for i, r := range e.refs {
		if r < 0 {
			add(-1, e.defs[i], 0)
			continue
		}
		if a.IsNull(int(r)) {
			add(-1, level, 0)
			continue
		}
		from, to := a.ValueOffsets(int(r))
		if from == to {
			add(-1, level+1, 0)
			continue
		}
		for n := from; n < to; n++ {
			add(int32(n), 0, int16(min(1, n-from)))
		}
	}
	return in
}

// gather returns the values that are there, and all definition levels.
func gather[T any](e entries, a arrow.Array, level int16, value func(int) T) ([]T, []int16) {
	values := make([]T, 0, len(e.refs))
	defs := make([]int16, len(e.refs))
	nulls := a.NullN() > 0
	for i, r := range e.refs {
		switch {
		case r < 0:
			defs[i] = e.defs[i]
		case nulls && a.IsNull(int(r)):
			defs[i] = level
		default:
			defs[i] = level + 1
			values = append(values, value(int(r)))
		}
	}
	return values, defs
}

// int64s returns the values of a column of numbers or times.
func int64s(a arrow.Array) func(int) int64 {
	switch a := a.(type) {
	case *array.Timestamp:
		return func(i int) int64 { return int64(a.Value(i)) }
	case *array.Int64:
		return a.Value
	}
	panic("BUG: no numbers in " + a.DataType().String())
}

// textColumn writes a column of text, with a dictionary where the file's properties want
// one and enough of the values repeat.
func (g *rowGroup) textColumn(cw *file.ByteArrayColumnChunkWriter, a arrow.Array, e entries, level int16) error {
	dict, ok := cw.CurrentEncoder().(dictionaryEncoder)
	if !ok {
		return plainText(cw, a, e, level)
	}
	t := g.text(a)
	if !t.repeats() {
		cw.FallbackToPlain()
		return plainText(cw, a, e, level)
	}
	values := t.dictionary()
	defer values.Release()
	if err := dict.PutDictionary(values); err != nil {
		return err
	}
	indices, defs, absent := t.gather(e, level, cw.LevelInfo().RepeatedAncestorDefLevel)
	defer indices.Release()
	if s := cw.PageStatistics(); s != nil {
		s.IncNulls(int64(absent))
		s.IncNumValues(int64(len(defs) - absent))
		if values.Len() > 0 {
			if err := s.UpdateFromArrow(values, false); err != nil {
				return err
			}
		}
	}
	return cw.WriteDictIndices(indices, defs, e.reps)
}

// plainText writes text as it is, in pages of about pageBytes. The pages are cut here,
// since the library's delta encoder breaks on a page without values that follows one
// with some: it keeps the position of the one before.
func plainText(cw *file.ByteArrayColumnChunkWriter, a arrow.Array, e entries, level int16) error {
	values, defs := gather(e, a, level, textValue(a))
	for len(defs) > 0 {
		n, present, size := 0, 0, 0
		for n < len(defs) && (size < pageBytes || present == len(values) || e.reps != nil && e.reps[n] > 0) {
			if defs[n] == level+1 {
				size += len(values[present])
				present++
			}
			n++
		}
		var reps []int16
		if e.reps != nil {
			reps, e.reps = e.reps[:n], e.reps[n:]
		}
		if _, err := cw.WriteBatch(values[:present], defs[:n], reps); err != nil {
			return err
		}
		values, defs = values[present:], defs[n:]
		if len(defs) > 0 {
			if err := cw.FlushCurrentPage(); err != nil {
				return err
			}
		}
	}
	return nil
}

// dictionaryEncoder is the part of the library's encoder that takes a dictionary that is
// made already. The library keeps the interface to itself and uses it so.
type dictionaryEncoder interface {
	PutDictionary(values arrow.Array) error
}

// textValue returns how to read a text column. What it reads is only as good as a.
func textValue(a arrow.Array) func(int) parquet.ByteArray {
	switch a := a.(type) {
	case *array.String:
		bytes, offsets := a.ValueBytes(), a.ValueOffsets()
		first := offsets[0]
		return func(i int) parquet.ByteArray { return bytes[offsets[i]-first : offsets[i+1]-first] }
	case *array.Dictionary:
		value := textValue(a.Dictionary())
		return func(i int) parquet.ByteArray { return value(a.GetValueIndex(i)) }
	}
	panic("BUG: no text in " + a.DataType().String())
}
