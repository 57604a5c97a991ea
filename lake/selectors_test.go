package lake_test

import (
	"errors"
	"testing"

	"traillake/lake"
	"traillake/lake/laketest"
)

// TestIngestSelectors checks that what the selectors leave out is counted and that the next
// ingest goes by new ones.
func TestIngestSelectors(t *testing.T) {
	const events = `[{"Name":"Management only","FieldSelectors":[{"Field":"eventCategory","Equals":["Management"]},{"Field":"readOnly","Equals":["false"]}]}]`
	l := laketest.New(t)
	s, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: "chosen", Selectors: events})
	if err != nil {
		t.Fatal(err)
	}
	record := func(id, members string) string {
		return `{"eventVersion":"1.11","eventTime":"2026-01-01T00:00:00Z","eventID":"` + id + `",` + members + `}`
	}
	logs := document(record("a", `"readOnly":false,"eventCategory":"Management"`), record("b", `"readOnly":true,"eventCategory":"Management"`),
		record("c", `"eventCategory":"Data"`), record("d", `"readOnly":false,"managementEvent":true`), `{"eventTime":"no time"}`)
	r := ingest(t, s, folder(t, map[string]string{"a.json": logs}), lake.IngestOptions{})
	if r.RecordsRead != 5 || r.Stored != 2 || r.Filtered != 2 || r.Quarantined != 1 {
		t.Errorf("%+v", r)
	}
	if _, err := s.UpdateSettings(t.Context(), func(c *lake.Settings) error { c.Selectors = ""; return nil }); err != nil {
		t.Fatal(err)
	}
	r = ingest(t, s, folder(t, map[string]string{"b.json": document(record("e", `"eventCategory":"Data"`))}), lake.IngestOptions{})
	if r.Stored != 1 || r.Filtered != 0 {
		t.Errorf("without selectors: %+v", r)
	}
	for _, text := range []string{"nope", `[]`, `[{"FieldSelectors":[{"Field":"eventName","Equals":["A"]}]}]`} {
		if _, err := s.UpdateSettings(t.Context(), func(c *lake.Settings) error { c.Selectors = text; return nil }); !errors.Is(err, lake.ErrInvalid) {
			t.Errorf("selectors %s give %v", text, err)
		}
		if _, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: "other", Selectors: text}); !errors.Is(err, lake.ErrInvalid) {
			t.Errorf("a store with selectors %s gives %v", text, err)
		}
	}
}
