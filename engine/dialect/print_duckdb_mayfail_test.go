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
