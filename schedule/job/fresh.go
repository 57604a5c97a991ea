package job

import (
	"context"
	"fmt"
	"time"

	"traillake/lake"
	"traillake/queries/coverage"
	"traillake/queries/report"
)

const (
	// deliveryDelay is how long after an event its log file may come: CloudTrail delivers
	// within five minutes or so, and three times that is safe enough to call a period
	// complete.
	deliveryDelay = 15 * time.Minute
	// recently is how long before the end of the period an account must have delivered
	// something to be waited for. One that is silent for longer is not in use any more.
	recently = 7 * 24 * time.Hour
)

// Awaited says which deliveries of a period a snapshot still lacks; empty when none. A
// period is complete when of every account that delivered within the week before its end
// there is a delivery from after it.
func Awaited(ctx context.Context, sn *lake.Snapshot, p report.Period) (string, error) {
	rows, err := coverage.Delivered(ctx, sn, coverage.By{Account: true, Day: true}, nil)
	if err != nil {
		return "", err
	}
	last := map[string]time.Time{}
	var accounts []string // in order
	told := false
	for _, r := range rows {
		if r.LastDelivery.IsZero() {
			continue
		}
		told = true
		if last[r.Account].IsZero() {
			accounts = append(accounts, r.Account)
		}
		if r.LastDelivery.After(last[r.Account]) {
			last[r.Account] = r.LastDelivery
		}
	}
	if !told {
		return "no log file's name tells when it was delivered", nil
	}
	enough := p.Until.Add(deliveryDelay)
	reason, recent := "", 0
	for _, a := range accounts {
		if last[a].Before(p.Until.Add(-recently)) {
			continue
		}
		recent++
		if last[a].Before(enough) {
			text := fmt.Sprintf("the last delivery of account %s is of %s", a, last[a].UTC().Format("2006-01-02 15:04 UTC"))
			if reason == "" {
				reason = text
			} else {
				reason += "; " + text
			}
		}
	}
	if recent == 0 {
		return fmt.Sprintf("nothing was delivered after %s", p.Until.Add(-recently).UTC().Format("2006-01-02 15:04 UTC")), nil
	}
	return reason, nil
}
