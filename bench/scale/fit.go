package scale

import (
	"errors"
	"fmt"
	"math"
	"strings"
)

// sample is a measured value and what it may depend on.
type sample struct {
	terms []float64
	value float64
}

// model is value = coefficients · terms, by least squares of the relative errors, so that
// an error of a tenth counts the same for small values as for large ones. No coefficient is
// below zero: a term that would have one is left out.
type model struct {
	coefficients []float64
	// residuals are the relative errors, in the order of the samples: (fitted-value)/value.
	residuals []float64
	// covariance is that of the coefficients of the terms that are used, and free the
	// degrees of freedom.
	covariance [][]float64
	used       []int
	free       int
}

// errPoorFit marks a model that must not be extrapolated.
var errPoorFit = errors.New("the points do not tell")

// fit makes the model. There must be more samples than terms.
func fit(samples []sample) (*model, error) {
	if len(samples) == 0 {
		return nil, fmt.Errorf("%w: there are none", errPoorFit)
	}
	var used []int
	for i := range samples[0].terms {
		used = append(used, i)
	}
	for {
		if len(samples) <= len(used) {
			return nil, fmt.Errorf("%w: %d of them for %d unknowns", errPoorFit, len(samples), len(used))
		}
		beta, inverse, err := solve(samples, used)
		if err != nil {
			return nil, err
		}
		// The most negative one goes first.
		worst := -1
		for k, v := range beta {
			if v < 0 && (worst < 0 || v*typical(samples, used[k]) < beta[worst]*typical(samples, used[worst])) {
				worst = k
			}
		}
		if worst >= 0 {
			used = append(append([]int(nil), used[:worst]...), used[worst+1:]...)
			continue
		}
		m := &model{coefficients: make([]float64, len(samples[0].terms)), used: used, free: len(samples) - len(used), covariance: inverse}
		for k, i := range used {
			m.coefficients[i] = beta[k]
		}
		sum := 0.0
		for _, s := range samples {
			r := (m.at(s.terms) - s.value) / s.value
			m.residuals = append(m.residuals, r)
			sum += r * r
		}
		for _, row := range m.covariance {
			for i := range row {
				row[i] *= sum / float64(m.free)
			}
		}
		return m, nil
	}
}

// typical is the largest value of a term.
func typical(samples []sample, term int) float64 {
	v := 0.0
	for _, s := range samples {
		v = max(v, s.terms[term])
	}
	return v
}

// solve solves the weighted normal equations, and returns the inverse of their matrix, too.
func solve(samples []sample, used []int) ([]float64, [][]float64, error) {
	n := len(used)
	// Terms are brought to the same size, or the elimination would lose digits.
	size := make([]float64, n)
	for k, i := range used {
		if size[k] = typical(samples, i); size[k] == 0 {
			size[k] = 1
		}
	}
	rows := make([][]float64, n) // matrix, right side, unit matrix
	for j := range rows {
		rows[j] = make([]float64, 2*n+1)
		rows[j][n+1+j] = 1
	}
	for _, s := range samples {
		w := 1 / (s.value * s.value)
		for j := range n {
			x := s.terms[used[j]] / size[j]
			for k := range n {
				rows[j][k] += w * x * s.terms[used[k]] / size[k]
			}
			rows[j][n] += w * x * s.value
		}
	}
	for j := range n {
		pivot := j
		for k := j; k < n; k++ {
			if math.Abs(rows[k][j]) > math.Abs(rows[pivot][j]) {
				pivot = k
			}
		}
		rows[j], rows[pivot] = rows[pivot], rows[j]
		scale := rows[j][j]
		if math.Abs(scale) < 1e-12 {
			return nil, nil, fmt.Errorf("%w: two of the things that grow have grown alike", errPoorFit)
		}
		for k := range rows[j] {
			rows[j][k] /= scale
		}
		for i := range n {
			if f := rows[i][j]; i != j {
				for k := range rows[i] {
					rows[i][k] -= f * rows[j][k]
				}
			}
		}
	}
	beta, inverse := make([]float64, n), make([][]float64, n)
	for j := range n {
		beta[j] = rows[j][n] / size[j]
		for k := range n {
			inverse[j] = append(inverse[j], rows[j][n+1+k]/size[j]/size[k])
		}
	}
	return beta, inverse, nil
}

// at is the model's value.
func (m *model) at(terms []float64) float64 {
	v := 0.0
	for i, c := range m.coefficients {
		v += c * terms[i]
	}
	return v
}

// students are Student's t for a two-sided interval of 95 %, by degrees of freedom from 1 on.
var students = []float64{12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23}

// maxResidual is how far a point may be from the model for it to be extrapolated.
const maxResidual = 0.25

// extrapolate returns the value at terms and how far from it the true one may be, with 95 %
// confidence if the form of the model is right. It refuses where a point is far from the
// model, or the spread as large as the value.
func (m *model) extrapolate(terms []float64) (value, spread float64, err error) {
	for _, r := range m.residuals {
		if math.Abs(r) > maxResidual {
			return 0, 0, fmt.Errorf("%w: one is %.0f%% from the model", errPoorFit, 100*math.Abs(r))
		}
	}
	value = m.at(terms)
	variance := 0.0
	for j, x := range m.used {
		for k, y := range m.used {
			variance += terms[x] * m.covariance[j][k] * terms[y]
		}
	}
	t := 2.0
	if m.free <= len(students) {
		t = students[m.free-1]
	}
	if spread = t * math.Sqrt(max(variance, 0)); !(spread < value) {
		return 0, 0, fmt.Errorf("%w: with %d more points than unknowns the spread would be larger than the value", errPoorFit, m.free)
	}
	return value, spread, nil
}

// residualText lists the relative errors.
func (m *model) residualText() string {
	var list []string
	for _, r := range m.residuals {
		list = append(list, fmt.Sprintf("%+.0f%%", 100*r))
	}
	return strings.Join(list, " ")
}
