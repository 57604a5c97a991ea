package lake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/lake/pages"
	"traillake/schema"
)

// rowGroup is the rows of one or more record batches on their way into a row group,
// which has them in another order.
type rowGroup struct {
	rows    int
	columns []*column
}

// newRowGroup takes together batches of the same columns. It is only as good as they
// are.
func newRowGroup(batches []arrow.RecordBatch) (*rowGroup, error) {
	g := &rowGroup{}
	for i := range batches[0].NumCols() {
		parts := make([]arrow.Array, len(batches))
		for j, b := range batches {
			parts[j] = b.Column(int(i))
		}
		c, err := newColumn(parts)
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", batches[0].ColumnName(int(i)), err)
		}
		c.plain = slices.Contains(plainColumns, batches[0].ColumnName(int(i)))
		g.columns = append(g.columns, c)
		g.rows = c.len()
	}
	return g, nil
}

// column is a column of all batches, one after the other. A position in it counts on
// from batch to batch.
type column struct {
	parts   []arrow.Array
	first   []int32   // position of each part, and the end
	null    []bool    // by position; nil where there are no nulls
	members []*column // of a struct
	values  *column   // of a list
	groups  *column   // of a dictionary of structs or lists
	index   []int32   // positions in groups; -1 where there is none
	plain   bool      // never has a dictionary
	text    *codedText
}

func newColumn(parts []arrow.Array) (*column, error) {
	c := &column{parts: parts, first: make([]int32, 1, len(parts)+1)}
	for _, p := range parts {
		c.first = append(c.first, c.first[len(c.first)-1]+int32(p.Len()))
	}
	for i, p := range parts {
		if p.NullN() == 0 {
			continue
		}
		if c.null == nil {
			c.null = make([]bool, c.len())
		}
		markNulls(c.null[c.first[i]:c.first[i+1]], p)
	}
	var err error
	switch a := parts[0].(type) {
	case *array.Struct:
		for i := range a.NumField() {
			var m *column
			if m, err = newColumn(below(parts, func(a *array.Struct) arrow.Array { return a.Field(i) })); err != nil {
				return nil, err
			}
			c.members = append(c.members, m)
		}
	case *array.List:
		c.values, err = newColumn(below(parts, (*array.List).ListValues))
	case *array.Dictionary:
		if _, ok := a.Dictionary().(*array.String); !ok {
			err = c.addGroups()
		}
	case *array.String, *array.Timestamp, *array.Int64, *array.Boolean:
	default:
		err = fmt.Errorf("%w: nothing writes %s", ErrInvalid, a.DataType())
	}
	return c, err
}

// markNulls sets null where a has no value.
func markNulls(null []bool, a arrow.Array) {
	bitmap, at := a.NullBitmapBytes(), a.Data().Offset()
	for i := range null {
		null[i] = bitmap[(at+i)/8]>>((at+i)%8)&1 == 0
	}
}

// indices returns the index of each row in the dictionary; what it is without a value, is
// anything.
func indices(d *array.Dictionary) []int32 {
	if a, ok := d.Indices().(*array.Int32); ok {
		return a.Int32Values()
	}
	out := make([]int32, d.Len())
	for i := range out {
		out[i] = int32(d.GetValueIndex(i))
	}
	return out
}

// addGroups prepares a dictionary of structs or lists.
func (c *column) addGroups() (err error) {
	if c.groups, err = newColumn(below(c.parts, (*array.Dictionary).Dictionary)); err != nil {
		return err
	}
	c.index = make([]int32, 0, c.len())
	for i, p := range c.parts {
		for _, at := range indices(p.(*array.Dictionary)) {
			at += c.groups.first[i]
			if c.isNull(int32(len(c.index))) {
				at = -1
			}
			c.index = append(c.index, at)
		}
	}
	return nil
}

// below returns what get makes of the parts, which are of the same type.
func below[T arrow.Array](parts []arrow.Array, get func(T) arrow.Array) []arrow.Array {
	out := make([]arrow.Array, len(parts))
	for i, p := range parts {
		out[i] = get(p.(T))
	}
	return out
}

func (c *column) len() int { return int(c.first[len(c.first)-1]) }

// at returns the part that holds a position, and the index in it.
func (c *column) at(pos int32) (part, i int) {
	for pos >= c.first[part+1] {
		part++
	}
	return part, int(pos - c.first[part])
}

func (c *column) isNull(pos int32) bool { return c.null != nil && c.null[pos] }

// find returns the column with the path; a dot leads into a struct. Index has the
// positions of the rows in it, -1 for none, or is nil if each row has its own.
func (g *rowGroup) find(path string) (c *column, index []int32) {
	columns := schema.Stored()
	name, member, nested := strings.Cut(path, ".")
	i := slices.IndexFunc(columns, func(c schema.Column) bool { return c.Name == name })
	if i < 0 {
		panic("BUG: no column " + path)
	}
	c = g.columns[i]
	if c.groups != nil {
		c, index = c.groups, c.index
	}
	if nested {
		i, _ = c.parts[0].DataType().(*arrow.StructType).FieldIdx(member)
		c = c.members[i]
	}
	return c, index
}

// write writes all columns in the given order of the rows.
func (g *rowGroup) write(to *pages.Group, order []int32) error {
	w := &groupWriter{to: to, defs: make([]byte, len(order))}
	for i, c := range g.columns {
		if err := w.column(c, entries{refs: order}, 0); err != nil {
			return fmt.Errorf("column %s: %w", schema.Stored()[i].Name, err)
		}
	}
	return to.Close()
}

// entries are the places at which a column has a value or lacks one, in the order in
// which they are written: for each the position in the column, or -1 where something
// above is absent, and the levels of the Parquet format.
type entries struct {
	refs []int32
	defs []byte // counts for those that are -1; nil where none is
	reps []byte // nil where nothing repeats
}

// groupWriter writes columns. Its slices are scratch.
type groupWriter struct {
	to      *pages.Group
	defs    []byte
	codes   []int32
	texts   []string
	numbers []int64
	bools   []byte
}

// column writes a column, or all columns below a struct or list. Level is the definition
// level of the entries that are not absent.
func (w *groupWriter) column(c *column, e entries, level byte) error {
	switch {
	case c.groups != nil:
		return w.column(c.groups, e.through(c, level), level)
	case c.members != nil:
		in := e.into(c, level)
		for _, m := range c.members {
			if err := w.column(m, in, level+1); err != nil {
				return err
			}
		}
		return nil
	case c.values != nil:
		return w.column(c.values, e.elements(c, level), level+2)
	}
	switch c.parts[0].(type) {
	case *array.Timestamp:
		w.numbers = gather(w, c, e, level, w.numbers, func(a *array.Timestamp, i int) int64 { return int64(a.Value(i)) })
		return w.to.Numbers(w.levels(e, level), w.numbers)
	case *array.Int64:
		w.numbers = gather(w, c, e, level, w.numbers, (*array.Int64).Value)
		return w.to.Numbers(w.levels(e, level), w.numbers)
	case *array.Boolean:
		w.bools = gather(w, c, e, level, w.bools, func(a *array.Boolean, i int) byte {
			if a.Value(i) {
				return 1
			}
			return 0
		})
		return w.to.Bools(w.levels(e, level), w.bools)
	}
	if !c.plain {
		t := c.coded()
		if w.gatherCodes(t, e, level); repeats(len(t.values), len(w.codes)) {
			return w.to.Coded(w.levels(e, level), w.codes, t.values)
		}
	}
	w.gatherText(c, e, level)
	err := w.to.Text(w.levels(e, level), w.texts)
	clear(w.texts) // which else would keep the batches in memory
	return err
}

// levels returns the levels of the entries whose values were gathered last.
func (w *groupWriter) levels(e entries, level byte) pages.Levels {
	return pages.Levels{Def: w.defs[:len(e.refs)], Max: level + 1, Rep: e.reps}
}

// into returns the entries of a struct's members.
func (e entries) into(c *column, level byte) entries {
	if c.null == nil {
		return e
	}
	return e.moved(level, func(r int32) int32 {
		if c.null[r] {
			return -1
		}
		return r
	})
}

// through returns the entries of a dictionary's values.
func (e entries) through(c *column, level byte) entries {
	return e.moved(level, func(r int32) int32 { return c.index[r] })
}

// moved returns entries elsewhere. Those for which to returns -1 are absent from level on.
func (e entries) moved(level byte, to func(int32) int32) entries {
	in := entries{refs: make([]int32, len(e.refs)), defs: make([]byte, len(e.refs)), reps: e.reps}
	for i, r := range e.refs {
		if r < 0 {
			in.refs[i], in.defs[i] = -1, e.defs[i]
			continue
		}
		in.refs[i], in.defs[i] = to(r), level
	}
	return in
}

// elements returns the entries of a list's elements. It is for lists that lie in no
// other list.
func (e entries) elements(c *column, level byte) entries {
	var in entries
	add := func(ref int32, def, rep byte) {
		in.refs, in.defs, in.reps = append(in.refs, ref), append(in.defs, def), append(in.reps, rep)
	}
	for i, r := range e.refs {
		if r < 0 {
			add(-1, e.defs[i], 0)
			continue
		}
		if c.isNull(r) {
			add(-1, level, 0)
			continue
		}
		part, row := c.at(r)
		list := c.parts[part].(*array.List)
		from, to := list.ValueOffsets(row)
		if from == to {
			add(-1, level+1, 0)
			continue
		}
		for n := from; n < to; n++ {
			add(c.values.first[part]+int32(n), 0, byte(min(1, n-from)))
		}
	}
	return in
}

// room makes the definition levels as many as there are entries.
func (w *groupWriter) room(e entries) {
	if len(w.defs) < len(e.refs) {
		w.defs = make([]byte, len(e.refs))
	}
}

// gather returns the values that are there, in to, and sets all definition levels.
func gather[A arrow.Array, T any](w *groupWriter, c *column, e entries, level byte, to []T, value func(A, int) T) []T {
	w.room(e)
	to = to[:0]
	for i, r := range e.refs {
		if r < 0 {
			w.defs[i] = e.defs[i]
			continue
		}
		if c.isNull(r) {
			w.defs[i] = level
			continue
		}
		w.defs[i] = level + 1
		part, row := c.at(r)
		to = append(to, value(c.parts[part].(A), row))
	}
	return to
}

// gatherText does as gather for text.
func (w *groupWriter) gatherText(c *column, e entries, level byte) {
	values := c.textValues()
	plain := make([]*array.String, len(c.parts))
	for i, p := range c.parts {
		plain[i], _ = p.(*array.String)
	}
	w.room(e)
	w.texts = w.texts[:0]
	for i, r := range e.refs {
		if r < 0 {
			w.defs[i] = e.defs[i]
			continue
		}
		if c.isNull(r) {
			w.defs[i] = level
			continue
		}
		w.defs[i] = level + 1
		part, row := c.at(r)
		if a := plain[part]; a != nil { // mostly, and without a call
			w.texts = append(w.texts, a.Value(row))
			continue
		}
		w.texts = append(w.texts, values[part](row))
	}
}

// gatherCodes does as gather for numbers of text.
func (w *groupWriter) gatherCodes(t *codedText, e entries, level byte) {
	w.room(e)
	codes := slices.Grow(w.codes[:0], len(e.refs))
	defs := w.defs[:len(e.refs)]
	for i, r := range e.refs {
		if r < 0 {
			defs[i] = e.defs[i]
			continue
		}
		code := t.codes[r]
		if code < 0 {
			defs[i] = level
			continue
		}
		defs[i] = level + 1
		codes = append(codes, code)
	}
	w.codes = codes
}

// textValues returns how to read the parts of a text column.
func (c *column) textValues() []func(int) string {
	values := make([]func(int) string, len(c.parts))
	for i, p := range c.parts {
		values[i] = textValue(p)
	}
	return values
}

// textValue returns how to read a text column. What it reads is only as good as a.
func textValue(a arrow.Array) func(int) string {
	switch a := a.(type) {
	case *array.String:
		return a.Value
	case *array.Dictionary:
		value := textValue(a.Dictionary())
		return func(i int) string { return value(a.GetValueIndex(i)) }
	}
	panic("BUG: no text in " + a.DataType().String())
}
