package result

import (
	"fmt"
	"math"
	"strconv"

	"traillake/queries/report/chart"
)

// Format writes a value for people, to about three digits.
func (u Unit) Format(v float64) string {
	switch u {
	case Seconds:
		return seconds(v)
	case Bytes:
		return decimal(v)
	case BytesPerSecond:
		return decimal(v) + "/s"
	case PerSecond:
		return count(v) + "/s"
	case Count:
		return count(v)
	default:
		return digits(v)
	}
}

func seconds(v float64) string {
	switch s := math.Abs(v); {
	case s == 0:
		return "0"
	case s < 0.9995e-3:
		return digits(v*1e6) + " µs"
	case s < 0.9995:
		return digits(v*1e3) + " ms"
	case s < 600:
		return digits(v) + " s"
	default:
		return digits(v/60) + " min"
	}
}

func decimal(v float64) string {
	units := []string{"bytes", "kB", "MB", "GB", "TB", "PB"}
	i := 0
	for ; math.Abs(v) >= 999.5 && i+1 < len(units); i++ {
		v /= 1000
	}
	return digits(v) + " " + units[i]
}

func count(v float64) string {
	if math.Abs(v) < 100 && v != math.Trunc(v) {
		return digits(v)
	}
	return chart.Count(int64(math.Round(v)))
}

// digits writes three digits, or all before the point.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a == math.Trunc(a) && a < 1e9, a >= 99.95:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 9.995:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a >= 0.01:
		return strconv.FormatFloat(v, 'f', 2, 64)
	default:
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
}

// factor writes how many times as much one value is as another.
func factor(v float64) string { return "×" + digits(v) }

// spread writes the median and, of several runs, how far they are from it.
func (m *Measure) spread() string {
	text := m.Unit.Format(m.Median)
	if percent := math.Round(100 * m.MAD / m.Median); m.Better != Neither && m.Median > 0 && percent > 0 {
		text += fmt.Sprintf(" ±%.0f%%", percent)
	}
	return text
}
