package engine

import (
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"traillake/lake"
	"traillake/lake/laketest"
)

// TestFilesAsTheyAre says when files are read without a schema spelt out.
func TestFilesAsTheyAre(t *testing.T) {
	store, err := laketest.New(t).CreateStore(t.Context(), lake.StoreConfig{Name: "events"})
	if err != nil {
		t.Fatal(err)
	}
	fields := func(change func([]arrow.Field) []arrow.Field) *arrow.Schema {
		return arrow.NewSchema(change(store.Schema().Fields()), nil)
	}
	same := func(f []arrow.Field) []arrow.Field { return f }
	// A row of userIdentity whose first two members changed places.
	swapped := func(f []arrow.Field) []arrow.Field {
		members := slices.Clone(f[1].Type.(*arrow.StructType).Fields())
		members[0], members[1] = members[1], members[0]
		f[1].Type = arrow.StructOf(members...)
		return f
	}
	for name, tc := range map[string]struct {
		pin  *Pin
		want bool
	}{
		"as this program writes": {&Pin{alike: true, schema: fields(same)}, true},
		"older files":            {&Pin{alike: false, schema: fields(same)}, false},
		"another column": {&Pin{alike: true, schema: fields(func(f []arrow.Field) []arrow.Field {
			return append(f, arrow.Field{Name: "x", Type: arrow.BinaryTypes.String})
		})}, false},
		"another order": {&Pin{alike: true, schema: fields(swapped)}, false},
	} {
		sql, err := files(tc.pin, []string{"/a.parquet"}, false)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := !strings.Contains(sql, "schema ="); got != tc.want {
			t.Errorf("%s: read as they are: %v, want %v", name, got, tc.want)
		}
	}
}

// TestPlannedOnce says which option becomes a parameter, and that no text moves.
func TestPlannedOnce(t *testing.T) {
	from := "SELECT a FROM read_parquet(['/x'], hive_partitioning = false) AS f WHERE b = '], hive_partitioning = false)'"
	want := "SELECT a FROM read_parquet(['/x'], hive_partitioning = $late) AS f WHERE b = '], hive_partitioning = false)'"
	other := "SELECT * FROM t"
	got := plannedOnce([]string{from, other})
	if got[0] != want || got[1] != other || len(want) != len(from) {
		t.Errorf("got %q", got)
	}
}
