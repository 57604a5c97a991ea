package pages

import (
	"fmt"
	"io"

	"traillake/internal/stretch"
)

// A file begins with the column chunks of its row groups, one group after the other; their
// Bloom filters follow, all together, and the footer.

// minFilter is the size of the smallest Bloom filter: a block, and a header of a kind, a
// size in one byte, and bloomRest. Headers of pages have at most 33 bytes.
const minFilter = 2 + 13 + blockBytes

// filters reports whether a line is of Bloom filters, at least in part.
func (l line) filters() bool {
	for _, text := range l.stretches {
		if s, err := stretchOf(text); err != nil || s.Length >= minFilter {
			return true
		}
	}
	return false
}

// FooterTail is how much of the end of a file of that size is read to have its footer, and
// FilterTail to have its Bloom filters, too, as far as one can know: footers take 11 KB for
// each row group of 9 to 18 MB, Bloom filters 3 to 3.5 % of a file. Measured over generated
// events; too little costs another request.
func FooterTail(size int64) int64 { return min(size, max(tailBytes, size/400)) }

// FilterTail is explained at FooterTail.
func FilterTail(size int64) int64 { return min(size, max(tailBytes, size/25+tailBytes/4)) }

// Needed returns the stretches of a file that a reader of the columns that reads chooses
// needs: their chunks, all that Check compares, and the footer. ok is false for a file of an
// older writer, of which nobody could tell whether something lacks.
func Needed(r io.ReaderAt, size int64, reads func(column string) bool) (_ stretch.Set, ok bool, err error) {
	b := buffersPool.Get().(*buffers)
	defer buffersPool.Put(b)
	footer, err := b.sealed(r, size)
	if err != nil || footer == nil {
		return nil, false, err
	}
	n := int64(len(footer))
	all := []stretch.Stretch{{At: size - n, Length: n}}
	for l, err := range lines(valueOf(footer, SumsKey)) {
		if err != nil {
			return nil, false, err
		}
		if !reads(columnOf(l.path)) {
			continue
		}
		if all, err = l.appendTo(all); err != nil {
			return nil, false, err
		}
	}
	list, err := chunks(footer)
	if err != nil {
		return nil, false, err
	}
	for _, c := range list {
		if !reads(c.column) {
			continue
		}
		s := c.stretch()
		if s.At < 0 || s.Length < 0 || s.At > size || s.Length > size-s.At {
			return nil, false, fmt.Errorf("%w: its footer has a column chunk at %s", ErrDamaged, s)
		}
		all = append(all, s)
	}
	return stretch.Of(all...), true, nil
}

// FilterStretches returns the stretches of a file that ReadFilters reads, its footer aside.
// ok is false where it would read headers from among the pages as well: an older writer had one hash for
// both.
func FilterStretches(r io.ReaderAt, size int64, wanted func(path string) bool) (_ stretch.Set, ok bool, err error) {
	b := buffersPool.Get().(*buffers)
	defer buffersPool.Put(b)
	footer, err := b.sealed(r, size)
	if err != nil || footer == nil {
		return nil, false, err
	}
	var all []stretch.Stretch
	for l, err := range lines(valueOf(footer, SumsKey)) {
		if err != nil {
			return nil, false, err
		}
		if !wanted(l.path) || !l.filters() {
			continue
		}
		n := len(all)
		if all, err = l.appendTo(all); err != nil {
			return nil, false, err
		}
		for _, s := range all[n:] {
			if s.Length < minFilter {
				return nil, false, nil
			}
		}
	}
	return stretch.Of(all...), true, nil
}

func (l line) appendTo(all []stretch.Stretch) ([]stretch.Stretch, error) {
	for _, text := range l.stretches {
		s, err := stretchOf(text)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}
