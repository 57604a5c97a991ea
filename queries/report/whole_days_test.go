package report

import (
	"testing"
	"time"
)

// TestDaysBeforeCloudTrail has a period as long as the calendar: no day before CloudTrail is missing.
func TestDaysBeforeCloudTrail(t *testing.T) {
	p := Period{Since: time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), Until: time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)}
	committed := time.Date(2013, 11, 16, 1, 0, 0, 0, time.UTC)
	days, err := wholeDays(p, committed)
	if err != nil || len(days) != 3 || days[0] != "2013-11-13" {
		t.Errorf("whole days are %v, %v", days, err)
	}
	if days := deliveryDays(p, committed); len(days) != 3 {
		t.Errorf("days of delivery are %v", days)
	}
}
