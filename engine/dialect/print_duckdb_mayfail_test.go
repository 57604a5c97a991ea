package dialect

import "testing"

func TestMayFail(t *testing.T) {
	for sql, want := range map[string]bool{
		`(t0."eventname" = 'A')`:                                    false,
		`t_to_integer(t0."t_to_date(", 'bigint', false)`:            true,
		`t_to_integer(t_json_scalar(x, 'a)'), 'bigint', true)`:      false,
		`t_to_integer(t_to_integer(x, 'bigint', false), 'y', true)`: true,
		`'t_to_integer(x, false)'`:                                  false,
		`'it''s t_to_integer(x, false)'`:                            false,
		`TRY(t_to_integer(x, 'bigint', false)) > 1`:                 false,
		`TRY(x) > t_to_integer(x, 'bigint', false)`:                 true,
		`CAST('!!DIVISION_BY_ZERO|Division by zero!!' AS BOOLEAN)`:  true,
		`x LIKE '%!!'`:           false,
		`t_map_get(x, 'k') = ''`: false,
		`t_rx_like(x, '^a$')`:    false,
		`TRY(`:                   false,
		`t_to_integer('`:         true,
		`"`:                      false,
	} {
		if got := mayFail(sql); got != want {
			t.Errorf("%s: got %v", sql, got)
		}
	}
}

// TestFixed gives calls their second names, or leaves them.
func TestFixed(t *testing.T) {
	for sql, want := range map[string]string{
		`t_to_integer(x, 'bigint', true)`:                                `t_to_integer_fixed(x, 'bigint', true)`,
		`t_to_integer(x, 'bigint', false)`:                               ``,
		`t_to_integer(x, y, true)`:                                       ``,
		`t_split(x, ',', CAST(2 AS BIGINT))`:                             `t_split_fixed(x, ',', CAST(2 AS BIGINT))`,
		`t_split(x, ',', CAST(0 AS BIGINT))`:                             ``,
		`t_split(x, y, CAST(2 AS BIGINT))`:                               ``,
		`t_split(x, 'a' || 'b', 2)`:                                      ``,
		`t_split('a,b', y, 2)`:                                           ``,
		`t_normalize(concat(x, ', t_normalize('), 'NFC')`:                `t_normalize_fixed(concat(x, ', t_normalize('), 'NFC')`,
		`t_normalize(x, 'NF''C')`:                                        ``,
		`t_normalize(t_format_datetime(x, 'yyyy', 'UTC'), 'NFC')`:        `t_normalize_fixed(t_format_datetime_fixed(x, 'yyyy', 'UTC'), 'NFC')`,
		`t_format_datetime(x, 'yyyy', 'Mars/Base')`:                      ``,
		`t_ip_in_text('10.0.0.0/8', x, true)`:                            `t_ip_in_text_fixed('10.0.0.0/8', x, true)`,
		`t_ip_in_text('10.0.0.0/99', x, true)`:                           ``,
		`t_rx_replace(x, '(a)', 'b')`:                                    `t_rx_replace_fixed(x, '(a)', 'b')`,
		`t_rx_replace(x, '(a)', '$1')`:                                   ``,
		`t_rx_extract(x, '(a)', 2)`:                                      ``,
		`t_rx_like(x, '(')`:                                              ``,
		`TRY(1) AND t_rx_like(x, 'a')`:                                   ``,
		`TRY(t_rx_like(x, 'a')) AND t_normalize(x, 'NFC')`:               `TRY(t_rx_like(x, 'a')) AND t_normalize_fixed(x, 'NFC')`,
		`"t_rx_like"(x, 'a') = 't_rx_like(x, ''a'')'`:                    ``,
		`list_transform(l, lambda v : t_rx_like(v, 'a''b')) || [1, '(']`: `list_transform(l, lambda v : t_rx_like_fixed(v, 'a''b')) || [1, '(']`,
		`t_rx_like(x, '`:                                                 ``,
		`t_rx_like(`:                                                     ``,
		`t_rx_like()`:                                                    ``,
	} {
		if want == "" {
			want = sql
		}
		if got := fixed(sql); got != want {
			t.Errorf("%s is %s, want %s", sql, got, want)
		}
	}
}
