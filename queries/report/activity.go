package report

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/apache/arrow-go/v18/arrow/array"

	"traillake/engine"
)

// principalsSQL finds who was most active. A role stands for all its sessions.
const principalsSQL = `SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn, userIdentity.invokedBy,
    userIdentity.principalId, userIdentity.accountId, 'unknown') AS principal,
  count(*) AS events,
  count_if(NOT readOnly AND errorCode IS NULL) AS changes,
  count_if(errorCode IS NOT NULL) AS errors
FROM $EDS_ID
WHERE eventTime >= :since AND eventTime < :until AND userIdentity.type IS DISTINCT FROM 'AWSService'
GROUP BY 1
ORDER BY events DESC, principal
LIMIT 10`

// principals reads the rows of principalsSQL.
func (r *run) principals(ctx context.Context, rows *engine.Result) error {
	list := []Principal{}
	for {
		batch, err := rows.Next(ctx)
		if errors.Is(err, io.EOF) {
			r.report.Activity.Principals = list
			return nil
		}
		if err != nil {
			return err
		}
		for i := range int(batch.NumRows()) {
			n := func(c int) int64 { return batch.Column(c).(*array.Int64).Value(i) }
			list = append(list, Principal{strings.Clone(batch.Column(0).(*array.String).Value(i)), n(1), n(2), n(3)})
		}
		batch.Release()
	}
}
