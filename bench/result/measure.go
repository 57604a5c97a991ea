package result

import (
	"math"
	"slices"
)

// Unit is what a number counts.
type Unit string

// The units.
const (
	Seconds        Unit = "s"
	Bytes          Unit = "bytes"
	BytesPerSecond Unit = "bytes/s"
	PerSecond      Unit = "1/s"
	Count          Unit = "count"
	// Share is one number over another of the same unit.
	Share Unit = "share"
)

var units = []Unit{Seconds, Bytes, BytesPerSecond, PerSecond, Count, Share}

// Better says which values of a measure are better.
type Better string

// What is better.
const (
	Lower  Better = "lower"
	Higher Better = "higher"
	// Neither is for facts, such as a number of rows.
	Neither Better = ""
)

// The names of measures that several benchmarks have.
const (
	// Wall is the time by the clock, CPU that of processors, user and system.
	Wall = "time"
	CPU  = "cpu"
	// Peak is the largest resident set.
	Peak = "peak memory"
)

// Measure is what was measured in each run.
type Measure struct {
	Name string `json:"name"`
	Unit Unit   `json:"unit"`
	// Better is empty where no value is better than another.
	Better Better `json:"better"`
	// Runs are the values of all runs, in their order.
	Runs []float64 `json:"runs"`
	// Median, Min and Max are of Runs. MAD is the median absolute deviation: the median
	// of how far the runs are from Median.
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	MAD    float64 `json:"mad"`
}

// NewMeasure makes a measure of at least one run.
func NewMeasure(name string, unit Unit, better Better, runs ...float64) Measure {
	m := Measure{Name: name, Unit: unit, Better: better, Runs: runs}
	if len(runs) == 0 {
		return m
	}
	m.Median, m.Min, m.Max = median(runs), slices.Min(runs), slices.Max(runs)
	away := make([]float64, len(runs))
	for i, v := range runs {
		away[i] = math.Abs(v - m.Median)
	}
	m.MAD = median(away)
	return m
}

// median is the middle value, or the mean of the two in the middle.
func median(values []float64) float64 {
	s := slices.Sorted(slices.Values(values))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// about reports whether the summaries are the same but for rounding.
func (m Measure) about(o Measure) bool {
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b)) }
	return near(m.Median, o.Median) && near(m.Min, o.Min) && near(m.Max, o.Max) && math.Abs(m.MAD-o.MAD) <= 1e-9*max(math.Abs(m.Max), math.Abs(m.Min))
}
