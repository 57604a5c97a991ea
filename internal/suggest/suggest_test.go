package suggest

import "testing"

func TestClosest(t *testing.T) {
	for _, c := range []struct {
		name       string
		candidates []string
		want       string
	}{
		{"evnts", []string{"audit", "Events"}, "Events"},
		{"EVENTS", []string{"event", "Events"}, "Events"},
		{"abcd", []string{"abce", "abcf"}, "abce"},
		{"something", []string{"events", "audit"}, ""},
		{"x", []string{"y"}, ""},
		{"x", []string{""}, ""},
		{"", []string{"", "a"}, ""},
		{"naïve", []string{"naive"}, "naive"}, // two bytes of six
		{"kitten", []string{"sitting"}, ""},
		{"sourceipadress", []string{"sourceIPAddress", "source"}, "sourceIPAddress"},
		{"a", nil, ""},
	} {
		if got := Closest(c.name, c.candidates); got != c.want {
			t.Errorf("Closest(%q, %q) = %q, want %q", c.name, c.candidates, got, c.want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "abc", 0}, {"kitten", "sitting", 3}, {"ab", "ba", 2}, {"flaw", "lawn", 2},
	} {
		if got, back := distance(c.a, c.b), distance(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("distance of %q and %q is %d and %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
}
