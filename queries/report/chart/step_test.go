package chart

import "testing"

func TestStepOf(t *testing.T) {
	for days, want := range map[int]int{1: 1, 100: 1, 101: 7, 2100: 7, 2101: 14, 3_652_058: 7 * 2048} {
		if step, _ := stepOf(days); step != want || days/step > mostWeeks {
			t.Errorf("%d days are drawn by %d, want %d", days, step, want)
		}
	}
}
