package dialect

import (
	"strings"
	"testing"
)

// TestConstantPatterns says which function a call with a pattern becomes: one of DuckDB's where it
// means the same, else one of ours, which cannot fail but for time where all that it gets besides
// the value is a constant that is right.
func TestConstantPatterns(t *testing.T) {
	for call, want := range map[string]string{
		`regexp_like(eventName, '^a[b]$')`:                  `regexp_full_match(t0."eventname", '(?s:.*)(?:^a[b](?:\n?\z))(?s:.*)')`,
		`regexp_like(upper(eventName), 'a|b')`:              `regexp_full_match(upper(t0."eventname"), '(?s:.*)(?:a|b)(?s:.*)')`,
		`regexp_like(eventID, 'a|b')`:                       `regexp_matches(t0."eventid", 'a|b')`,
		`regexp_like(reverse(eventName), 'a|b')`:            `regexp_matches(t_reverse(`,
		`regexp_like(eventName, '(?=a)b')`:                  `t_rx_like_fixed(t0."eventname", '(?=a)b')`,
		`regexp_like(eventName, 'a$b')`:                     `t_rx_like_fixed(`,
		`try(regexp_like(eventName, '(?=a)b'))`:             `TRY(t_rx_like(`,
		`try(1 = 1) AND regexp_like(eventName, '(?=a)b')`:   `t_rx_like(`,
		`regexp_like(eventID, 'a^|b')`:                      `regexp_full_match(t0."eventid", '(?s:.*)(?:a^|b)(?s:.*)')`,
		`regexp_like(eventID, '^a')`:                        `regexp_matches(t0."eventid", '^a')`,
		`regexp_like(eventID, '[[:alpha:]]{1,400}')`:        `t_rx_like_fixed(t0."eventid", '[[:alpha:]]{1,400}')`,
		`regexp_like(eventID, '^\w+\s[\d.-]')`:              `regexp_matches(t0."eventid", '^[_0-9A-Za-z]+[ \t-\r][0-9.-]')`,
		`regexp_like(eventID, '[[:xdigit:]]{8}')`:           `regexp_matches(t0."eventid", '[0-9A-Fa-f]{8}')`,
		`regexp_like(eventID, '[a-z&&[^aeiou]]x')`:          `regexp_matches(t0."eventid", '[b-df-hj-np-tv-z]x')`,
		`regexp_like(eventID, '\Qa.b\E|[\p{XDigit}]')`:      `regexp_matches(t0."eventid", 'a\.b|[0-9A-Fa-f]')`,
		`regexp_like(eventID, '(?=.)[a[^b]]')`:              `t_rx_like_fixed(t0."eventid", '(?=.)[a[^b]]')`,
		`regexp_like(eventID, '[]\d]')`:                     `t_rx_like_fixed(`,
		`regexp_like(eventID, '(?=(a)+)')`:                  `t_rx_like(`,
		`regexp_like(eventName, eventID)`:                   `t_rx_like(t0."eventname", t0."eventid")`,
		`regexp_extract(eventName, '/([^/]+)$', 1)`:         `nullif(regexp_extract(t0."eventname", '/([^/]+)(?:\n?\z)', 1), '')`,
		`regexp_extract(eventName, 'a+')`:                   `nullif(regexp_extract(t0."eventname", 'a+', 0), '')`,
		`regexp_extract(eventName, 'a*')`:                   `t_rx_extract_fixed(t0."eventname", 'a*', 0)`,
		`regexp_extract(eventName, 'a$')`:                   `t_rx_extract_fixed(`,
		`regexp_extract(eventName, '(a)|b', 1)`:             `t_rx_extract_fixed(`,
		`regexp_extract(eventName, '(a)', length(eventID))`: `t_rx_extract(`,
		`regexp_extract_all(eventName, 'a$')`:               `t_rx_extract_all_fixed(`,
		`regexp_replace(eventName, '[.]com$', '')`:          `t_rx_replace_fixed(t0."eventname", '[.]com$', '')`,
		`regexp_replace(eventName, '(a)', '$1b')`:           `t_rx_replace(`,
		`regexp_count(eventName, 'a')`:                      `t_rx_count_fixed(`,
		`regexp_split(eventName, ',')`:                      `t_rx_split_fixed(`,
		`regexp_position(eventName, 'a')`:                   `t_rx_position(`,
		`regexp_extract(eventName, '(a)', 1)`:               `nullif(regexp_extract(`,
		`regexp_extract(eventName, '(?:x|(a))(b)', 1)`:      `t_rx_extract_fixed(`,
		`regexp_extract(eventName, '(?:x|(a))(b)', 2)`:      `nullif(regexp_extract(t0."eventname", '(?:x|(a))(b)', 2), '')`,
		`format_datetime(eventTime, 'yyyy-MM')`:             `t_format_datetime_fixed(epoch_us(t0."eventtime"), 'yyyy-MM', '')`,
		`format_datetime(eventTime, 'qq')`:                  `t_format_datetime(epoch_us(t0."eventtime"), 'qq', '')`,
		`regexp_like(eventName, concat('(?=a)', 'b', 'c'))`: `t_rx_like`,
	} {
		_, p := printed(t, "SELECT "+call+" FROM trail", func(st *Storage) { st.Column("eventname").Repeats = true })
		if !strings.Contains(p.SQL, want) {
			t.Errorf("%s is\n%s\nwant %s", call, p.SQL, want)
		}
	}
}
