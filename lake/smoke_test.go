package lake

import "testing"

func TestSmoke(t *testing.T) {
	s := openTest(t)
	sn := ingestRows(t, s, testDay, 100, "/logs/a.json.gz")
	if sn.Rows() != 100 || sn.Seq() != 1 {
		t.Fatalf("%d rows, seq %d", sn.Rows(), sn.Seq())
	}
	sn = ingestRows(t, s, testDay+1, 50, "/logs/b.json.gz")
	if sn.Rows() != 150 || sn.FileCount() != 2 || sn.Seq() != 2 {
		t.Fatalf("%d rows", sn.Rows())
	}
}
