package duck

/*
void traillake_json_members(void *info, void *chunk, void *out);
void traillake_json_elements(void *info, void *chunk, void *out);

typedef void (*traillake_json_t)(void *, void *, void *);

static traillake_json_t traillake_json_members_ptr(void) { return traillake_json_members; }
static traillake_json_t traillake_json_elements_ptr(void) { return traillake_json_elements; }
*/
import "C"

import (
	"errors"
	"sync"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"traillake/engine"
)

// registerMembers gives the database MembersFunction.
func registerMembers(conn duckdb.Connection) error {
	text := duckdb.CreateLogicalType(duckdb.TypeVarchar)
	defer duckdb.DestroyLogicalType(&text)
	object := duckdb.CreateMapType(text, text)
	defer duckdb.DestroyLogicalType(&object)
	return registerJSON(conn, engine.MembersFunction, text, object, unsafe.Pointer(C.traillake_json_members_ptr()))
}

// registerElements gives the database ElementsFunction.
func registerElements(conn duckdb.Connection) error {
	text := duckdb.CreateLogicalType(duckdb.TypeVarchar)
	defer duckdb.DestroyLogicalType(&text)
	array := duckdb.CreateListType(text)
	defer duckdb.DestroyLogicalType(&array)
	return registerJSON(conn, engine.ElementsFunction, text, array, unsafe.Pointer(C.traillake_json_elements_ptr()))
}

func registerJSON(conn duckdb.Connection, name string, text, result duckdb.LogicalType, call unsafe.Pointer) error {
	fn := duckdb.CreateScalarFunction()
	defer duckdb.DestroyScalarFunction(&fn)
	duckdb.ScalarFunctionSetName(fn, name)
	duckdb.ScalarFunctionAddParameter(fn, text)
	duckdb.ScalarFunctionSetReturnType(fn, result)
	duckdb.ScalarFunctionSetFunction(fn, call)
	duckdb.ScalarFunctionSetSpecialHandling(fn) // NULL arrives, and is answered, here
	if duckdb.RegisterScalarFunction(conn, fn) == duckdb.StateError {
		return errRefused
	}
	return nil
}

// scratch is what a call needs beside its vectors. It points into the chunk only
// while the call lasts.
type scratch struct {
	members  []engine.Member
	elements [][]byte
}

// maxScratch is the number of entries, some thirty for each row of a chunk, above which
// a scratch is not kept for the next call.
const maxScratch = 1 << 16

var scratches = sync.Pool{New: func() any { return new(scratch) }}

func (s *scratch) free() {
	if cap(s.members) > maxScratch || cap(s.elements) > maxScratch {
		return
	}
	clear(s.members)
	clear(s.elements)
	s.members, s.elements = s.members[:0], s.elements[:0]
	scratches.Put(s)
}

//export traillake_json_members
func traillake_json_members(info, chunk, out unsafe.Pointer) {
	s := scratches.Get().(*scratch)
	defer s.free()
	list := duckdb.Vector{Ptr: out}
	n := cutRows(duckdb.DataChunk{Ptr: chunk}, list, func(text []byte) (int, bool) {
		var ok bool
		s.members, ok = engine.AppendMembers(s.members, text)
		return len(s.members), ok
	})
	entries, ok := grow(info, list, n)
	if !ok {
		return
	}
	keys, values := newTexts(duckdb.StructVectorGetChild(entries, 0)), newTexts(duckdb.StructVectorGetChild(entries, 1))
	for i, m := range s.members {
		keys.set(i, m.Key)
		values.set(i, m.Value)
	}
}

//export traillake_json_elements
func traillake_json_elements(info, chunk, out unsafe.Pointer) {
	s := scratches.Get().(*scratch)
	defer s.free()
	list := duckdb.Vector{Ptr: out}
	n := cutRows(duckdb.DataChunk{Ptr: chunk}, list, func(text []byte) (int, bool) {
		var ok bool
		s.elements, ok = engine.AppendElements(s.elements, text)
		return len(s.elements), ok
	})
	child, ok := grow(info, list, n)
	if !ok {
		return
	}
	texts := newTexts(child)
	for i, e := range s.elements {
		texts.set(i, e)
	}
}

// cutRows calls f for the text of every row, which DuckDB hands out in flat vectors,
// and writes where the row's entries lie: from where those of the row before ended to
// the number that f returns. Rows whose text is NULL or for which f is not ok are NULL.
func cutRows(chunk duckdb.DataChunk, list duckdb.Vector, f func(text []byte) (end int, ok bool)) int {
	rows := int(duckdb.DataChunkGetSize(chunk))
	in := viewOf(duckdb.DataChunkGetVector(chunk, 0))
	ranges := unsafe.Slice((*[2]uint64)(duckdb.VectorGetData(list)), rows)
	var nulls mask
	from := 0
	for i := range ranges {
		ok := in.isValid(i)
		end := from
		if ok {
			end, ok = f(in.str(i))
		}
		if !ok {
			nulls.set(list, i)
		}
		ranges[i] = [2]uint64{uint64(from), uint64(end - from)}
		from = end
	}
	return from
}

// grow gives a list vector room for n entries and returns the vector of them.
func grow(info unsafe.Pointer, list duckdb.Vector, n int) (duckdb.Vector, bool) {
	if duckdb.ListVectorReserve(list, duckdb.IdxT(n)) == duckdb.StateError || duckdb.ListVectorSetSize(list, duckdb.IdxT(n)) == duckdb.StateError {
		duckdb.ScalarFunctionSetError(duckdb.FunctionInfo{Ptr: info}, errNoRoom.Error())
		return duckdb.Vector{}, false
	}
	return duckdb.ListVectorGetChild(list), true
}

var errNoRoom = errors.New("no memory for the entries of a list")

// mask is the validity of a vector to write to; the zero mask takes none for NULL.
type mask struct{ bits unsafe.Pointer }

// set makes value number i of a vector NULL.
func (m *mask) set(v duckdb.Vector, i int) {
	if m.bits == nil {
		duckdb.VectorEnsureValidityWritable(v)
		m.bits = duckdb.VectorGetValidity(v)
	}
	*(*uint64)(unsafe.Add(m.bits, i/64*8)) &^= 1 << (i % 64)
}

// texts is a VARCHAR vector to write to.
type texts struct {
	vec   duckdb.Vector
	data  unsafe.Pointer
	nulls mask
}

func newTexts(v duckdb.Vector) texts { return texts{vec: v, data: duckdb.VectorGetData(v)} }

// set writes text number i; nil is NULL.
func (t *texts) set(i int, b []byte) {
	switch {
	case b == nil:
		t.nulls.set(t.vec, i)
	case len(b) <= inlineLen:
		// Most texts are short: this saves a call into C. What is left of the twelve
		// bytes must be zero, since DuckDB compares all of them.
		p := (*[stringSize]byte)(unsafe.Add(t.data, i*stringSize))
		*p = [stringSize]byte{}
		*(*uint32)(unsafe.Pointer(p)) = uint32(len(b))
		copy(p[4:], b)
	default:
		duckdb.UnsafeVectorAssignStringElementLen(t.vec, duckdb.IdxT(i), b)
	}
}
