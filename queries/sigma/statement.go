package sigma

import (
	"cmp"
	"fmt"
	"strings"
)

const inTime = "eventTime >= :since AND eventTime < :until"

// columns are those of a rule's rows, in the words of the catalogue.
var columns = []string{
	"eventTime AS event_time",
	"recipientAccountId AS account",
	"awsRegion AS region",
	"coalesce(userIdentity.arn, userIdentity.invokedBy, userIdentity.principalId, userIdentity.accountId, 'unknown') AS actor",
	"sourceIPAddress AS address",
	"eventSource AS event_source",
	"eventName AS event_name",
	"errorCode AS error",
	"eventID AS event_id",
}

// statement selects the records that a rule matches.
func (d *document) statement() string {
	out := append([]string(nil), columns[:7]...)
	have := strings.Join(columns, "\n") + "\n"
	for _, f := range d.fields {
		column := f.text() + " AS " + f.columnName()
		if !strings.Contains(have, column+"\n") && !strings.Contains(have, " AS "+f.columnName()+"\n") {
			out = append(out, column)
			have += column + "\n"
		}
	}
	out = append(out, columns[7:]...)
	return "SELECT DISTINCT " + strings.Join(out, ",\n  ") +
		"\nFROM $EDS_ID\nWHERE " + inTime + "\n  AND " + conjuncts(d.condition, "  ") +
		"\nORDER BY event_time DESC, event_id\n"
}

// counted is a rule whose records a correlation counts.
type counted struct {
	doc  *document
	keys []*field // what they are grouped by
	of   *field   // whose values are counted; nil for others
}

// statement selects the groups in which the count is reached within some stretch of
// time, with the highest count and the moments at which it was reached first and last.
func (c *correlation) statement(rules []counted) string {
	names := c.keyNames(rules[0].keys)
	keys := ""
	for _, name := range names {
		keys += name + ", "
	}
	var b strings.Builder
	b.WriteString("WITH matched AS (\n")
	for i, r := range rules {
		if i > 0 {
			b.WriteString("  UNION\n")
		}
		b.WriteString("  SELECT DISTINCT eventTime AS event_time, " + c.counts(r) + " AS counted")
		for j, k := range r.keys {
			b.WriteString(",\n    " + k.text() + " AS " + names[j])
		}
		b.WriteString("\n  FROM $EDS_ID\n  WHERE " + inTime + "\n    AND " + conjuncts(r.doc.condition, "    "))
		if r.of != nil {
			b.WriteString("\n    AND " + r.of.text() + " IS NOT NULL")
		}
		b.WriteString("\n")
	}
	partition := func(more string) string {
		if by := strings.TrimSuffix(keys+more, ", "); by != "" {
			return "PARTITION BY " + by + " "
		}
		return ""
	}
	what := map[string]string{"event_count": "events", "value_count": "different_values", "temporal": "rules"}[c.kind]
	events := ""
	if c.kind == "event_count" {
		fmt.Fprintf(&b, `),
reached AS (
  SELECT %sevent_time,
    count(*) OVER (%sORDER BY event_time
      RANGE BETWEEN INTERVAL '%d' SECOND PRECEDING AND CURRENT ROW) AS n
  FROM matched
)
`, keys, partition(""), c.seconds)
	} else {
		events = " AND ending = 0"
		// A value counts from each of its events for the length of the stretch. What begins
		// and ends such a time is a step, and the sum of the steps the number of values.
		fmt.Fprintf(&b, `),
neighbours AS (
  SELECT %[1]sevent_time,
    lag(event_time) OVER (%[2]sORDER BY event_time) AS event_before,
    lead(event_time) OVER (%[2]sORDER BY event_time) AS event_after
  FROM matched
),
steps AS (
  SELECT %[1]sevent_time, 0 AS ending,
    CASE WHEN event_before >= event_time - INTERVAL '%[4]d' SECOND THEN 0 ELSE 1 END AS step
  FROM neighbours
  UNION ALL
  SELECT %[1]sevent_time + INTERVAL '%[4]d' SECOND, 1, -1
  FROM neighbours
  WHERE event_after IS NULL OR event_after > event_time + INTERVAL '%[4]d' SECOND
),
reached AS (
  SELECT %[1]sevent_time, ending, sum(step) OVER (%[3]sORDER BY event_time, ending
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS n
  FROM steps
)
`, keys, partition("counted, "), partition(""), c.seconds)
	}
	fmt.Fprintf(&b, "SELECT %s%s AS %s,\n  min(event_time) AS first_reached,\n  max(event_time) AS last_reached\nFROM reached\nWHERE n >= %d%s\n", keys, "max(n)", what, c.atLeast, events)
	if by := strings.TrimSuffix(keys, ", "); by != "" {
		b.WriteString("GROUP BY " + by + "\n")
	} else {
		b.WriteString("HAVING count(*) > 0\n")
	}
	b.WriteString("ORDER BY " + what + " DESC, " + keys + "first_reached\n")
	return b.String()
}

func (c *correlation) counts(r counted) string {
	switch c.kind {
	case "value_count":
		return r.of.text()
	case "temporal":
		return quote(cmp.Or(r.doc.name, r.doc.id))
	}
	return "eventID"
}

// keyNames names the columns of the groups.
func (c *correlation) keyNames(keys []*field) []string {
	names := []string{"event_time", "counted", "n", "step", "ending", "events", "rules", "different_values", "event_before",
		"event_after", "first_reached", "last_reached"}
	own := len(names)
	for i, k := range keys {
		name := k.columnName()
		if _, ok := c.aliases[c.groupBy[i]]; ok {
			name = (&field{path: c.groupBy[i]}).columnName()
		}
		for _, other := range names {
			if other == name {
				name += "_" + fmt.Sprint(i+1)
			}
		}
		names = append(names, name)
	}
	return names[own:]
}

// resolve finds the fields that a correlation needs of a rule.
func (c *correlation) resolve(d *document) (counted, error) {
	r := counted{doc: d}
	for _, path := range c.groupBy {
		if byRule, ok := c.aliases[path]; ok {
			if path = byRule[d.name]; path == "" {
				path = byRule[d.id]
			}
		}
		f, err := lookUp(path)
		if err != nil {
			return r, refuse(c.line, "group-by: %v", err)
		}
		r.keys = append(r.keys, f)
	}
	if c.kind == "value_count" {
		f, err := lookUp(c.field)
		if err != nil {
			return r, refuse(c.line, "count: %v", err)
		}
		r.of = f
	}
	return r, nil
}
