package dialect

// Arithmetic returns the types of operands and result of an operator, or false when
// there is no such operator on these types. The operands are to be cast to the
// types returned.
func Arithmetic(op ArithOp, l, r *Type) (lt, rt, result *Type, ok bool) {
	if l.Kind == KindUnknown && r.Kind == KindUnknown {
		return Bigint, Bigint, Bigint, true
	}
	if l.Kind == KindUnknown {
		l = unknownOperand(op, r)
	}
	if r.Kind == KindUnknown {
		r = unknownOperand(op, l)
	}
	if l.IsNumeric() && r.IsNumeric() {
		return numericOperands(op, l, r)
	}
	interval := func(t *Type) bool { return t.Kind == KindIntervalDay || t.Kind == KindIntervalYear }
	switch {
	case op == Add && interval(l) && r.IsTemporal():
		if res := shifted(r, l); res != nil {
			return l, r, res, true
		}
	case (op == Add || op == Sub) && l.IsTemporal() && interval(r):
		if res := shifted(l, r); res != nil {
			return l, r, res, true
		}
	case (op == Add || op == Sub) && interval(l) && l.Kind == r.Kind:
		return l, r, l, true
	case op == Sub && l.IsTemporal() && r.IsTemporal():
		if c, ok := CommonType(l, r); ok {
			return c, c, IntervalDay, true
		}
	case (op == Mul || op == Div) && interval(l) && r.IsNumeric():
		return l, factor(r), l, true
	case op == Mul && l.IsNumeric() && interval(r):
		return factor(l), r, r, true
	}
	return nil, nil, nil, false
}

// unknownOperand is the type that NULL takes beside another operand.
func unknownOperand(op ArithOp, other *Type) *Type {
	interval := other.Kind == KindIntervalDay || other.Kind == KindIntervalYear
	switch {
	case other.IsTemporal():
		return IntervalDay
	case interval && (op == Mul || op == Div):
		return Double
	}
	return other
}

// factor is the type of a number by which an interval is multiplied.
func factor(t *Type) *Type {
	if t.IsInteger() {
		return Bigint
	}
	return Double
}

// shifted is the type of a date or time moved by an interval, nil for none.
func shifted(t, by *Type) *Type {
	day := by.Kind == KindIntervalDay
	switch t.Kind {
	case KindDate:
		return Date
	case KindTime, KindTimeTZ:
		if !day {
			return nil
		}
	}
	if !day || t.Precision >= 3 {
		return t
	}
	// An interval of days has milliseconds.
	c := *t
	c.Precision = 3
	return &c
}

func numericOperands(op ArithOp, l, r *Type) (lt, rt, result *Type, ok bool) {
	c, _ := CommonType(l, r)
	if c.Kind != KindDecimal {
		return c, c, c, true
	}
	l, r = asDecimal(l), asDecimal(r)
	p1, s1, p2, s2 := l.Precision, l.Scale, r.Precision, r.Scale
	s := max(s1, s2)
	switch op {
	case Add, Sub:
		result = Decimal(min(38, max(p1-s1, p2-s2)+s+1), s)
	case Mul:
		if s = s1 + s2; s > 38 {
			return nil, nil, nil, false
		}
		result = Decimal(min(38, p1+p2), s)
	case Div:
		result = Decimal(min(38, p1+s2+max(s2-s1, 0)), s)
	case Mod:
		result = Decimal(min(p2-s2, p1-s1)+s, s)
	}
	return l, r, result, true
}

func asDecimal(t *Type) *Type {
	if t.Kind == KindDecimal {
		return t
	}
	return Decimal(integerDigits[t.Kind], 0)
}
