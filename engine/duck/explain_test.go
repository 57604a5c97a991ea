package duck_test

import (
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"
)

// firstText returns the first value of the second column, which is text.
func firstText(chunk duckdb.DataChunk) string {
	data := duckdb.VectorGetData(duckdb.DataChunkGetVector(chunk, 1))
	return duckdb.StringTData((*duckdb.StringT)(unsafe.Pointer(data)))
}
