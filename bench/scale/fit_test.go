package scale

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// line makes samples of 0.1 + 2e-3·files + 5e-9·bytes, each off by a share.
func line(off ...float64) []sample {
	var list []sample
	for i, x := range [][2]float64{{1, 1e6}, {10, 1e7}, {80, 1e8}, {100, 1e6}, {1000, 1e7}, {10000, 1e8}} {
		v := 0.1 + 2e-3*x[0] + 5e-9*x[1]
		if i < len(off) {
			v *= 1 + off[i]
		}
		list = append(list, sample{[]float64{1, x[0], x[1]}, v})
	}
	return list
}

// TestFit recovers the coefficients of which samples were made.
func TestFit(t *testing.T) {
	m, err := fit(line())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.1, 2e-3, 5e-9} {
		if got := m.coefficients[i]; math.Abs(got-want) > 1e-6*want {
			t.Errorf("coefficient %d is %g, want %g", i, got, want)
		}
	}
	value, spread, err := m.extrapolate([]float64{1, 1e5, 1e12})
	if want := 0.1 + 200 + 5000; err != nil || math.Abs(value-want) > 1e-3 || spread > 1e-3 {
		t.Errorf("extrapolated to %g ± %g, %v; want %g", value, spread, err, want)
	}
}

// TestSpread has points that are off: the truth lies within the spread.
func TestSpread(t *testing.T) {
	m, err := fit(line(0.03, -0.04, 0.02, 0.05, -0.03, 0.02))
	if err != nil {
		t.Fatal(err)
	}
	value, spread, err := m.extrapolate([]float64{1, 1e5, 1e10})
	if want := 0.1 + 200 + 50; err != nil || spread <= 0 || math.Abs(value-want) > spread {
		t.Errorf("extrapolated to %g ± %g, %v; want %g", value, spread, err, want)
	}
	if got := m.residualText(); strings.Count(got, "%") != 6 {
		t.Errorf("residuals %q", got)
	}
}

// TestRefuses must not extrapolate what the points do not tell.
func TestRefuses(t *testing.T) {
	far, err := fit(line(0, 0, 0, 1.5, 0, -0.6))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := far.extrapolate([]float64{1, 1e5, 1e12}); !errors.Is(err, errPoorFit) {
		t.Errorf("points far from a line gave %v", err)
	}
	if _, err := fit(line()[:3]); !errors.Is(err, errPoorFit) {
		t.Errorf("three points for three unknowns gave %v", err)
	}
	if _, err := fit(nil); !errors.Is(err, errPoorFit) {
		t.Errorf("no points gave %v", err)
	}
	alike := []sample{{[]float64{1, 1, 10}, 1}, {[]float64{1, 2, 20}, 2}, {[]float64{1, 3, 30}, 3}, {[]float64{1, 4, 40}, 4}}
	if _, err := fit(alike); !errors.Is(err, errPoorFit) {
		t.Errorf("terms that grow alike gave %v", err)
	}
	// Two points that are near each other say nothing about what is far away.
	near, err := fit([]sample{{[]float64{1, 100}, 1.0}, {[]float64{1, 101}, 1.02}, {[]float64{1, 102}, 1.01}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := near.extrapolate([]float64{1, 1e9}); !errors.Is(err, errPoorFit) {
		t.Errorf("points that lie together gave %v", err)
	}
}

// TestNoNegative leaves out what would have to save time.
func TestNoNegative(t *testing.T) {
	var list []sample
	for _, x := range [][2]float64{{1, 9}, {2, 7}, {3, 8}, {4, 2}, {5, 3}} {
		list = append(list, sample{[]float64{1, x[0], x[1]}, 10 + x[0] - 0.5*x[1]})
	}
	m, err := fit(list)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Min(m.coefficients) < 0 || m.coefficients[2] != 0 || m.coefficients[1] <= 0 {
		t.Errorf("coefficients %g", m.coefficients)
	}
}

func TestSizes(t *testing.T) {
	for most, want := range map[int][]int{1: {1}, 5: {1, 5}, 100: {1, 100}, 150: {1, 100, 150}, 10000: {1, 100, 1000, 10000}} {
		if got := sizes(most); !slices.Equal(got, want) {
			t.Errorf("up to %d: %v, want %v", most, got, want)
		}
	}
}
