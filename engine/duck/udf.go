package duck

/*
#include <stdint.h>

void traillake_scalar(void *info, void *chunk, void *out);
void traillake_map_get(void *info, void *chunk, void *out);
void traillake_json_scalar(void *info, void *chunk, void *out);
typedef void (*traillake_scalar_t)(void *, void *, void *);

static traillake_scalar_t traillake_scalar_ptr(void) { return traillake_scalar; }
static traillake_scalar_t traillake_map_get_ptr(void) { return traillake_map_get; }
static traillake_scalar_t traillake_json_scalar_ptr(void) { return traillake_json_scalar; }

// Numbers travel as pointers into this array: the Go runtime stops the program when
// it finds a small number where a pointer should be.
enum { traillake_functions = 1024 };
static char traillake_numbers[traillake_functions];
static void *traillake_number(uintptr_t n) { return &traillake_numbers[n]; }
*/
import "C"

import (
	"errors"
	"math"
	"strings"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"traillake/engine/dialect"
	"traillake/engine/dialect/scalar"
)

// registerFunction gives the database the function of a number. It sees only its arguments.
func registerFunction(conn duckdb.Connection, number int, f scalar.Func) error {
	if number >= C.traillake_functions {
		return errors.New("BUG: there are more functions than numbers")
	}
	fn := duckdb.CreateScalarFunction()
	defer duckdb.DestroyScalarFunction(&fn)
	name := f.Name
	if !f.Total() {
		name += rowSuffix
	}
	duckdb.ScalarFunctionSetName(fn, name)
	for _, k := range []byte(f.Params) {
		t := kindType(scalar.Kind(k))
		duckdb.ScalarFunctionAddParameter(fn, t)
		duckdb.DestroyLogicalType(&t)
	}
	t := kindType(f.Result)
	if !f.Total() {
		value := t
		t = duckdb.CreateStructType([]duckdb.LogicalType{value}, []string{"v"})
		duckdb.DestroyLogicalType(&value)
	}
	duckdb.ScalarFunctionSetReturnType(fn, t)
	duckdb.DestroyLogicalType(&t)
	// The number of the function is all that a call needs to know.
	duckdb.ScalarFunctionSetExtraInfo(fn, C.traillake_number(C.uintptr_t(number)), nil)
	start := unsafe.Pointer(C.traillake_scalar_ptr())
	if c := inC[f.Name]; c != nil {
		start = c
	}
	duckdb.ScalarFunctionSetFunction(fn, start)
	// NULL in a list is no NULL argument; the rest is handled here, too.
	duckdb.ScalarFunctionSetSpecialHandling(fn)
	if duckdb.RegisterScalarFunction(conn, fn) == duckdb.StateError {
		return errRefused
	}
	if f.Total() {
		return nil
	}
	return registerMacro(conn, f)
}

// rowSuffix ends the names by which the database knows functions that may fail. These return a row of
// one value, and are called by macros with the functions' own names.
//
// DuckDB takes functions of the C interface for such that never fail
// (FunctionErrors::CANNOT_ERROR), and what cannot fail it computes for all values of a dictionary
// before it looks which of them a row has: also for those that WHERE or CASE have left out. And where
// such a call fails within TRY, it keeps the vector of results that nobody filled, and takes them for
// those of the next rows (TryExecuteDictionaryExpression, version 1.5.5). Neither is done where the
// result is a row.
const rowSuffix = "_row"

// registerMacro gives the database the macro of a function that may fail.
func registerMacro(conn duckdb.Connection, f scalar.Func) error {
	params := strings.Split("abcd"[:len(f.Params)], "")
	list := "(" + strings.Join(params, ", ") + ")"
	var res duckdb.Result
	defer duckdb.DestroyResult(&res)
	if duckdb.Query(conn, "CREATE TEMP MACRO "+f.Name+list+" AS struct_extract("+f.Name+rowSuffix+list+", 'v')", &res) == duckdb.StateError {
		return parseError(duckdb.ResultError(&res))
	}
	return nil
}

// inC are the functions that jsontext.c computes for most rows.
var inC = map[string]unsafe.Pointer{
	"t_map_get":     unsafe.Pointer(C.traillake_map_get_ptr()),
	"t_json_scalar": unsafe.Pointer(C.traillake_json_scalar_ptr()),
}

// kindType returns the type of a kind, which the caller destroys.
func kindType(k scalar.Kind) duckdb.LogicalType {
	switch k {
	case scalar.Int:
		return duckdb.CreateLogicalType(duckdb.TypeBigInt)
	case scalar.Float:
		return duckdb.CreateLogicalType(duckdb.TypeDouble)
	case scalar.Bool:
		return duckdb.CreateLogicalType(duckdb.TypeBoolean)
	case scalar.Bytes:
		return duckdb.CreateLogicalType(duckdb.TypeBlob)
	case scalar.Texts:
		text := duckdb.CreateLogicalType(duckdb.TypeVarchar)
		defer duckdb.DestroyLogicalType(&text)
		return duckdb.CreateListType(text)
	case scalar.JSON:
		t := duckdb.CreateLogicalType(duckdb.TypeVarchar)
		duckdb.LogicalTypeSetAlias(t, "JSON")
		return t
	default:
		return duckdb.CreateLogicalType(duckdb.TypeVarchar)
	}
}

var firstNumber = uintptr(C.traillake_number(0))

//export traillake_scalar
func traillake_scalar(info, chunk, out unsafe.Pointer) { call(info, chunk, out, nil) }

//export traillake_scalar_rows
func traillake_scalar_rows(info, chunk, out unsafe.Pointer, rows *C.uint16_t, n C.int) {
	call(info, chunk, out, unsafe.Slice((*uint16)(rows), n))
}

// call computes the function that info names for the given rows of a chunk; nil is all.
func call(info, chunk, out unsafe.Pointer, rows []uint16) {
	fi := duckdb.FunctionInfo{Ptr: info}
	f := scalar.Functions()[uintptr(duckdb.ScalarFunctionGetExtraInfo(fi))-firstNumber]
	if err := evaluate(f, duckdb.DataChunk{Ptr: chunk}, duckdb.Vector{Ptr: out}, rows); err != nil {
		msg := err.Error()
		var e *scalar.Error
		if errors.As(err, &e) {
			msg = dialect.RaisedText(f.Name, e.Code, e.Message)
		}
		duckdb.ScalarFunctionSetError(fi, msg)
	}
}

// evaluate computes a function for rows of a chunk. DuckDB hands out flat vectors.
func evaluate(f scalar.Func, chunk duckdb.DataChunk, vec duckdb.Vector, rows []uint16) error {
	n := int(duckdb.DataChunkGetSize(chunk))
	if rows != nil {
		n = len(rows)
	}
	args := make([]view, len(f.Params))
	lists := make([]view, len(f.Params))
	for i := range args {
		args[i] = viewOf(duckdb.DataChunkGetVector(chunk, duckdb.IdxT(i)))
		if scalar.Kind(f.Params[i]) == scalar.Texts {
			lists[i] = viewOf(duckdb.ListVectorGetChild(args[i].vec))
		}
	}
	if !f.Total() {
		vec = duckdb.StructVectorGetChild(vec, 0)
	}
	out := result{vec: vec, kind: f.Result, data: duckdb.VectorGetData(vec), texts: textsPool.Get().(*textBuffer)}
	defer out.end()
	var row scalar.Row
next:
	for i := range n {
		if rows != nil {
			i = int(rows[i])
		}
		for k := range args {
			if !args[k].isValid(i) {
				out.null(i)
				continue next
			}
			switch a := args[k]; scalar.Kind(f.Params[k]) {
			case scalar.Int:
				row.I[k] = *(*int64)(unsafe.Add(a.data, 8*i))
			case scalar.Float:
				row.F[k] = *(*float64)(unsafe.Add(a.data, 8*i))
			case scalar.Bool:
				row.B[k] = *(*bool)(unsafe.Add(a.data, i))
			case scalar.Texts:
				row.L[k] = listAt(a, lists[k], i)
			default:
				row.S[k] = stringAt(a, i)
			}
		}
		row.Null = false
		if err := f.Eval(&row); err != nil {
			return err
		}
		if row.Null {
			out.null(i)
		} else if err := out.set(i, &row); err != nil {
			return err
		}
	}
	return nil
}

// stringAt returns a text without copying it: it lives as long as the chunk.
func stringAt(v view, i int) string {
	p := unsafe.Add(v.data, i*stringSize)
	n := int(*(*uint32)(p))
	if n <= inlineLen {
		return unsafe.String((*byte)(unsafe.Add(p, 4)), n)
	}
	return unsafe.String(*(**byte)(unsafe.Add(p, 8)), n)
}

func listAt(v, child view, i int) scalar.List {
	p := unsafe.Add(v.data, 16*i)
	offset, n := int(*(*uint64)(p)), int(*(*uint64)(unsafe.Add(p, 8)))
	l := scalar.List{V: make([]string, n), Null: make([]bool, n)}
	for k := range n {
		if l.Null[k] = !child.isValid(offset + k); !l.Null[k] {
			l.V[k] = stringAt(child, offset+k)
		}
	}
	return l
}

// result is the vector that a call fills.
type result struct {
	vec   duckdb.Vector
	kind  scalar.Kind
	data  unsafe.Pointer
	valid unsafe.Pointer
	size  int // elements of lists so far
	texts *textBuffer
}

// end stores what is collected.
func (r *result) end() {
	vec := r.vec
	if r.kind == scalar.Texts {
		vec = duckdb.ListVectorGetChild(vec)
	}
	r.texts.flush(vec)
	if cap(r.texts.buf) <= 1<<20 {
		textsPool.Put(r.texts)
	}
}

func (r *result) null(i int) {
	if r.valid == nil {
		duckdb.VectorEnsureValidityWritable(r.vec)
		r.valid = duckdb.VectorGetValidity(r.vec)
	}
	*(*uint64)(unsafe.Add(r.valid, i/64*8)) &^= 1 << (i % 64)
	if r.kind == scalar.Texts {
		*(*uint64)(unsafe.Add(r.data, 16*i)) = 0
		*(*uint64)(unsafe.Add(r.data, 16*i+8)) = 0
	}
}

func (r *result) set(i int, row *scalar.Row) error {
	switch r.kind {
	case scalar.Int:
		*(*int64)(unsafe.Add(r.data, 8*i)) = row.Num
	case scalar.Float:
		*(*float64)(unsafe.Add(r.data, 8*i)) = row.Float
	case scalar.Bool:
		*(*bool)(unsafe.Add(r.data, i)) = row.Bool
	case scalar.Texts:
		return r.setList(i, row.List)
	default:
		if len(row.Str) > math.MaxInt32 {
			return errors.New("a text is longer than 2 GiB")
		}
		r.texts.set(r.vec, r.data, i, row.Str)
	}
	return nil
}

func (r *result) setList(i int, l scalar.List) error {
	end := r.size + len(l.V)
	if duckdb.ListVectorReserve(r.vec, duckdb.IdxT(end)) == duckdb.StateError || duckdb.ListVectorSetSize(r.vec, duckdb.IdxT(end)) == duckdb.StateError {
		return errors.New("no memory for a list")
	}
	child := duckdb.ListVectorGetChild(r.vec)
	data := duckdb.VectorGetData(child)
	var valid unsafe.Pointer
	for k, s := range l.V {
		if l.Null != nil && l.Null[k] {
			if valid == nil {
				duckdb.VectorEnsureValidityWritable(child)
				valid = duckdb.VectorGetValidity(child)
			}
			at := r.size + k
			*(*uint64)(unsafe.Add(valid, at/64*8)) &^= 1 << (at % 64)
			continue
		}
		r.texts.set(child, data, r.size+k, s)
	}
	*(*uint64)(unsafe.Add(r.data, 16*i)) = uint64(r.size)
	*(*uint64)(unsafe.Add(r.data, 16*i+8)) = uint64(len(l.V))
	r.size = end
	return nil
}
