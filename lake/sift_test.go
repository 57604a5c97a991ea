package lake

import (
	"slices"
	"testing"
)

// TestSift asks for names of events and for ids, of two files, twice: the second time the
// filters of names are known, and a file that is not what the store says is noticed only
// where it must be opened.
func TestSift(t *testing.T) {
	s := openTest(t)
	b := begin(t, s)
	addRows(t, b, testDay, 50, "a")
	addRows(t, b, testDay+1, 50, "b")
	var files, wrong []DataFile
	for _, f := range b.Files() {
		files = append(files, f)
		f.Bytes++
		wrong = append(wrong, f)
	}
	for _, c := range []struct {
		wanted map[string][]string
		want   []bool
		opens  bool // the second time
	}{
		{map[string][]string{"eventname": {"GetUser"}}, []bool{true, true}, false},
		{map[string][]string{"eventname": {"PutUser", "GetUser"}}, []bool{true, true}, false},
		{map[string][]string{"eventname": {"PutUser"}}, []bool{false, false}, false},
		{map[string][]string{"eventname": {"PutUser"}, "eventid": {"e-a-1"}}, []bool{false, false}, false},
		{map[string][]string{"eventname": {"GetUser"}, "eventid": {"e-a-1"}}, []bool{true, false}, true},
		{map[string][]string{"eventid": {"e-b-49"}}, []bool{false, true}, true},
		{map[string][]string{"awsregion": {"nowhere"}}, []bool{true, true}, true}, // has no filters
	} {
		got, err := s.Sift(t.Context(), files, c.wanted)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("files that may hold %q: %v, error %v; want %v", c.wanted, got, err, c.want)
		}
		again, err := s.Sift(t.Context(), wrong, c.wanted)
		if (err != nil) != c.opens || err == nil && !slices.Equal(again, c.want) {
			t.Errorf("files that may hold %q, asked again: %v, error %v; they are opened: %v", c.wanted, again, err, c.opens)
		}
	}
	if err := b.Abort(); err != nil {
		t.Fatal(err)
	}
}
