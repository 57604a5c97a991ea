package scalar

import "math"

// statisticFuncs are distributions and intervals. Trino computes the distributions by
// series, so that the last digits of a result may differ.
var statisticFuncs = []Func{
	{"t_normal_cdf", "fff", Float, func(r *Row) error {
		mean, sd, v := r.F[0], r.F[1], r.F[2]
		if !(sd > 0) {
			return badArgument("standardDeviation must be > 0")
		}
		r.Float = 0.5 * (1 + math.Erf((v-mean)/(sd*math.Sqrt2)))
		return nil
	}},
	{"t_inverse_normal_cdf", "fff", Float, func(r *Row) error {
		mean, sd, p := r.F[0], r.F[1], r.F[2]
		if !(p > 0 && p < 1) {
			return badArgument("p must be 0 > p > 1")
		}
		if !(sd > 0) {
			return badArgument("sd must be > 0")
		}
		r.Float = mean + sd*math.Sqrt2*math.Erfinv(2*p-1)
		return nil
	}},
	{"t_beta_cdf", "fff", Float, func(r *Row) error {
		a, b, v := r.F[0], r.F[1], r.F[2]
		if !(v >= 0 && v <= 1) {
			return badArgument("value must be 0 >= v >= 1")
		}
		if !(a > 0 && b > 0) {
			return badArgument("a, b must be > 0")
		}
		r.Float = betaCDF(a, b, v)
		return nil
	}},
	{"t_inverse_beta_cdf", "fff", Float, func(r *Row) error {
		a, b, p := r.F[0], r.F[1], r.F[2]
		if !(p >= 0 && p <= 1) {
			return badArgument("p must be 0 >= p >= 1")
		}
		if !(a > 0 && b > 0) {
			return badArgument("a, b must be > 0")
		}
		// The function only grows: halve until two neighbours are left.
		low, high := 0.0, 1.0
		for mid := 0.5; low < mid && mid < high; mid = low + (high-low)/2 {
			if betaCDF(a, b, mid) < p {
				low = mid
			} else {
				high = mid
			}
		}
		if r.Float = high; p == 0 {
			r.Float = 0
		}
		return nil
	}},
	{"t_t_cdf", "ff", Float, func(r *Row) error {
		x, df := r.F[0], r.F[1]
		if !(df > 0) {
			return badArgument("df must be greater than 0")
		}
		r.Float = 0.5
		if x != 0 {
			tail := 0.5 * betaCDF(df/2, 0.5, df/(df+x*x))
			if r.Float = tail; x > 0 {
				r.Float = 1 - tail
			}
		}
		return nil
	}},
	{"t_t_pdf", "ff", Float, func(r *Row) error {
		x, df := r.F[0], r.F[1]
		if !(df > 0) {
			return badArgument("df must be greater than 0")
		}
		above, _ := math.Lgamma((df + 1) / 2)
		below, _ := math.Lgamma(df / 2)
		r.Float = math.Exp(above - below - 0.5*(math.Log(math.Pi)+math.Log(df)) - (df+1)/2*math.Log1p(x*x/df))
		return nil
	}},
	{"t_wilson", "iifs", Float, func(r *Row) error {
		successes, trials, z := r.I[0], r.I[1], r.F[2]
		switch {
		case successes < 0:
			return badArgument("number of successes must not be negative")
		case trials <= 0:
			return badArgument("number of trials must be positive")
		case successes > trials:
			return badArgument("number of successes must not be larger than number of trials")
		case !(z >= 0):
			return badArgument("z-score must not be negative")
		}
		n := float64(trials)
		p := float64(successes) / n
		side := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
		if r.S[3] == "lower" {
			side = -side
		}
		r.Float = (p + z*z/(2*n) + side) / (1 + z*z/n)
		return nil
	}},
}

// betaCDF is the regularized incomplete beta function, by Lentz's continued fraction.
func betaCDF(a, b, x float64) float64 {
	if x <= 0 || x >= 1 || math.IsNaN(x) {
		return x
	}
	if x > (a+1)/(a+b+2) {
		// The fraction closes in faster from the other side.
		return 1 - betaCDF(b, a, 1-x)
	}
	ab, _ := math.Lgamma(a + b)
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	front := math.Exp(ab-la-lb+a*math.Log(x)+b*math.Log1p(-x)) / a
	const tiny, close, most = 1e-300, 1e-15, 10_000
	guard := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/guard(1-(a+b)*x/(a+1))
	f := d
	for m := 1.0; m < most; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = 1/guard(1+even*d), guard(1+even/c)
		f *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = 1/guard(1+odd*d), guard(1+odd/c)
		f *= d * c
		if math.Abs(d*c-1) < close {
			break
		}
	}
	return front * f
}
