package lake

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/apache/arrow-go/v18/parquet/metadata"
	"github.com/apache/iceberg-go"

	"traillake/lake/pages"
	"traillake/schema"
)

// footer is what a Parquet file says about itself.
type footer struct {
	size      int64
	rows      int64
	offsets   []int64 // of the row groups
	min, max  int64   // of event time
	schemaIDs map[string]int
	strings   map[string]stringBounds // by column, of boundColumns
}

type stringBounds struct {
	min, max string
	nulls    int64
	values   int64
}

// readFooter reads the footer of a data file, as any reader would, once it and what has no
// checksum is as it was written.
func readFooter(ctx context.Context, st Storage, name string) (_ *footer, err error) {
	f, err := st.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := damage(name, pages.Check(f, f.Size(), func(string) bool { return true })); err != nil {
		return nil, err
	}
	return parseFooter(f)
}

func parseFooter(f File) (ft *footer, err error) {
	// The library panics on some damaged footers.
	defer func() {
		if p := recover(); p != nil {
			ft, err = nil, fmt.Errorf("%w: read Parquet footer: %v", ErrCorrupt, p)
		}
	}()
	pr, err := file.NewParquetReader(f)
	if err != nil {
		return nil, fmt.Errorf("%w: read Parquet footer: %w", ErrCorrupt, err)
	}
	md := pr.MetaData()
	ft = &footer{size: f.Size(), strings: make(map[string]stringBounds), schemaIDs: make(map[string]int)}
	columns := make(map[string]int)
	for i := range md.Schema.NumColumns() {
		c := md.Schema.Column(i)
		columns[c.Path()] = i
		ft.schemaIDs[c.Path()] = int(c.SchemaNode().FieldID())
	}
	at, ok := columns[schema.ColEventTime]
	if !ok {
		return nil, fmt.Errorf("%w: Parquet file has no column %s", ErrCorrupt, schema.ColEventTime)
	}
	for g := range md.NumRowGroups() {
		rg := md.RowGroup(g)
		rows := rg.NumRows()
		ft.rows += rows
		chunk, err := rg.ColumnChunk(0)
		if err != nil {
			return nil, fmt.Errorf("%w: read Parquet footer: %w", ErrCorrupt, err)
		}
		offset := chunk.DataPageOffset()
		if chunk.HasDictionaryPage() {
			offset = min(offset, chunk.DictionaryPageOffset())
		}
		ft.offsets = append(ft.offsets, offset)
		stats, err := statistics(rg, at)
		if err != nil {
			return nil, err
		}
		times, ok := stats.(*metadata.Int64Statistics)
		if !ok || !times.HasMinMax() || times.HasNullCount() && times.NullCount() != 0 {
			return nil, fmt.Errorf("%w: row group %d has no bounds of %s", ErrCorrupt, g, schema.ColEventTime)
		}
		if g == 0 {
			ft.min, ft.max = times.Min(), times.Max()
		}
		ft.min, ft.max = min(ft.min, times.Min()), max(ft.max, times.Max())
		for _, name := range boundColumns {
			i, ok := columns[name]
			if !ok {
				continue
			}
			stats, err := statistics(rg, i)
			if err != nil {
				return nil, err
			}
			ft.addStrings(name, g == 0, rows, stats)
		}
	}
	return ft, nil
}

func statistics(rg *metadata.RowGroupMetaData, column int) (metadata.TypedStatistics, error) {
	chunk, err := rg.ColumnChunk(column)
	if err != nil {
		return nil, fmt.Errorf("%w: read Parquet footer: %w", ErrCorrupt, err)
	}
	if ok, err := chunk.StatsSet(); err != nil || !ok {
		return nil, err
	}
	return chunk.Statistics()
}

// addStrings widens the bounds of a text column by a row group. A column of which one
// row group has no statistics gets no bounds.
func (ft *footer) addStrings(name string, first bool, rows int64, stats metadata.TypedStatistics) {
	b, known := ft.strings[name]
	s, ok := stats.(*metadata.ByteArrayStatistics)
	if !known && !first || !ok || !s.HasNullCount() || !s.HasMinMax() && s.NullCount() != rows {
		delete(ft.strings, name)
		return
	}
	if s.HasMinMax() {
		lo, hi := string(s.Min()), string(s.Max())
		if b.values == b.nulls {
			b.min, b.max = lo, hi
		}
		b.min, b.max = min(b.min, lo), max(b.max, hi)
	}
	b.values += rows
	b.nulls += s.NullCount()
	ft.strings[name] = b
}

// matches compares the footer with what the writer counted.
func (ft *footer) matches(f DataFile) error {
	if raw := ft.strings[schema.ColRaw]; f.Canonical && raw.nulls != ft.rows {
		return fmt.Errorf("%w: the manifest says that %s is NULL in all of %d rows, the file in %d", ErrCorrupt, schema.ColRaw, ft.rows, raw.nulls)
	}
	if ft.size != f.Bytes || ft.rows != f.Rows || ft.min != f.MinTime || ft.max != f.MaxTime {
		return fmt.Errorf("%w: read back %d bytes, %d rows, times %d to %d; wrote %d bytes, %d rows, times %d to %d",
			ErrCorrupt, ft.size, ft.rows, ft.min, ft.max, f.Bytes, f.Rows, f.MinTime, f.MaxTime)
	}
	return nil
}

// dataFile describes a file of the batch for the table's manifests.
func (s *Store) dataFile(spec iceberg.PartitionSpec, f *batchFile) (iceberg.DataFile, error) {
	partition := spec.Field(0).FieldID
	b, err := iceberg.NewDataFileBuilder(spec, iceberg.EntryContentData, f.URI, iceberg.ParquetFile,
		map[int]any{partition: iceberg.Date(f.Day)}, map[int]string{partition: "date"}, nil, f.Rows, f.Bytes)
	if err != nil {
		return nil, fmt.Errorf("describe data file %s: %w", f.name, err)
	}
	lower, upper := make(map[int][]byte), make(map[int][]byte)
	values, nulls := make(map[int]int64), make(map[int]int64)
	for _, field := range s.schema.Fields() {
		id, err := fieldID(field)
		if err != nil {
			return nil, fmt.Errorf("describe data file %s: %w", f.name, err)
		}
		if field.Name == schema.ColEventTime {
			lower[id] = binary.LittleEndian.AppendUint64(nil, uint64(f.footer.min))
			upper[id] = binary.LittleEndian.AppendUint64(nil, uint64(f.footer.max))
			values[id], nulls[id] = f.Rows, 0
			continue
		}
		bounds, ok := f.footer.strings[field.Name]
		if !ok {
			continue
		}
		values[id], nulls[id] = bounds.values, bounds.nulls
		if bounds.values == bounds.nulls {
			continue
		}
		hi, ok := truncateUp(bounds.max)
		if ok {
			lower[id], upper[id] = []byte(truncateDown(bounds.min)), []byte(hi)
		}
	}
	return b.LowerBoundValues(lower).UpperBoundValues(upper).ValueCounts(values).NullValueCounts(nulls).
		SplitOffsets(f.footer.offsets).Build(), nil
}

// truncateDown returns a short text that is not above s.
func truncateDown(s string) string {
	n := 0
	for i := range s {
		if n == boundLength {
			return s[:i]
		}
		n++
	}
	return s
}

// truncateUp returns a short text that is not below s, if there is one.
func truncateUp(s string) (string, bool) {
	if !utf8.ValidString(s) {
		return "", false
	}
	short := truncateDown(s)
	if short == s {
		return s, true
	}
	runes := []rune(short)
	for i := len(runes) - 1; i >= 0; i-- {
		next := runes[i] + 1
		if next == 0xD800 {
			next = 0xE000 // past the surrogates
		}
		if next <= utf8.MaxRune {
			return string(append(runes[:i:i], next)), true
		}
	}
	return "", false
}
