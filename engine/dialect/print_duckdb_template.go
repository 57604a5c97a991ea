package dialect

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"traillake/engine/dialect/scalar"
)

// A template says how an overload is printed:
//
//	$1 … $9   the argument
//	@1 … @9   the argument, where a timestamp with time zone becomes the local
//	          time of its zone
//	$2*       all arguments from the second on, with commas
//	{R} {1}   the DuckDB type of the result, of an argument
//	{!CODE|message!}   an expression that fails
//	_x        a name of a lambda's parameter, in one letter
//
// An argument that stands more than once and is no simple value is computed once.

var (
	placeholder = regexp.MustCompile(`[$@][1-9]\*?|\{[R1-9]\}|\{![^!]*!\}`)
	localName   = regexp.MustCompile(`\b_[a-z]\b`)
	simpleSQL   = regexp.MustCompile(`^(?:CAST\([^()]*\)|TIMESTAMP '[^']*'|DATE '[^']*'|[\w."\[\]]+|'[^']*'|struct_extract\([^()]*\))$`)
)

// simple says whether a printed value may be repeated: a name, a field of one, a
// literal.
func simple(s string) bool { return len(s) <= 100 && simpleSQL.MatchString(s) }

// template prints a call by a template.
func (p *duckPrinter) template(t string, args []string, types []*Type, result *Type) string {
	names := map[string]string{}
	t = localName.ReplaceAllStringFunc(t, func(n string) string {
		if names[n] == "" {
			names[n] = p.name()
		}
		return names[n]
	})
	if strings.HasPrefix(t, "CASE") {
		t = "(" + t + ")"
	}
	uses := map[string]int{}
	for _, m := range placeholder.FindAllString(t, -1) {
		if len(m) == 2 {
			uses[m]++
		}
	}
	// What stands once needs no name, and a time has one together with its local time.
	var many, at []string
	values := map[string]string{}
	for _, m := range slices.Sorted(maps.Keys(uses)) {
		i := m[1] - '1'
		if values[m] = args[i]; m[0] == '@' {
			values[m] = p.local(args[i], types[i])
		}
		if instant := "$" + m[1:]; uses[m] > 1 && uses[instant] == 0 || m == instant && uses[m]+uses["@"+m[1:]] > 1 {
			many, at = append(many, values[m]), append(at, m)
		}
	}
	return p.bound(many, func(bound []string) string {
		for i, m := range at {
			values[m] = bound[i]
			if local := "@" + m[1:]; m[0] == '$' && uses[local] > 0 {
				values[local] = p.local(bound[i], types[m[1]-'1'])
			}
		}
		return placeholder.ReplaceAllStringFunc(t, func(m string) string {
			switch {
			case strings.HasSuffix(m, "*"):
				return strings.Join(args[min(len(args), int(m[1]-'1')):], ", ")
			case m == "{R}":
				return duckType(result)
			case strings.HasPrefix(m, "{!"):
				code, msg, _ := strings.Cut(m[2:len(m)-2], "|")
				return failing(duckType(result), code, msg)
			case m[0] == '{':
				i, _ := strconv.Atoi(m[1:2])
				return duckType(types[i-1])
			}
			return values[m]
		})
	})
}

// local prints the local time of a timestamp with time zone.
func (p *duckPrinter) local(sql string, t *Type) string {
	if t.Kind != KindTimestampTZ {
		return sql
	}
	return inZone(t.Zone, sql)
}

// inZone prints what the clocks of a zone show at an instant; "" is UTC. DuckDB knows zones by
// their names alone, so that offsets are added.
func inZone(zone, instant string) string {
	if o, ok := offsetOf(zone); ok {
		return "(timezone('UTC', " + instant + ") + " + o + ")"
	}
	return "timezone(" + quoteString(cmp.Or(zone, "UTC")) + ", " + instant + ")"
}

// fromZone prints the instant at which the clocks of a zone show a time: of two that one which has the
// offset of another instant. DuckDB would take the last.
func fromZone(zone, local, like string) string {
	if o, ok := offsetOf(zone); ok {
		return "timezone('UTC', " + local + " - " + o + ")"
	}
	if zone == "" {
		return "timezone('UTC', " + local + ")"
	}
	return "CAST(make_timestamp(t_zone_instant(epoch_us(" + local + "), epoch_us(" + like + "), " + quoteString(zone) + ")) AS TIMESTAMPTZ)"
}

// offsetOf prints the offset of a zone that is one.
func offsetOf(zone string) (string, bool) {
	if zone == "" || zone[0] != '+' && zone[0] != '-' {
		return "", false
	}
	loc, err := scalar.Zone(zone)
	if err != nil {
		return "", false
	}
	_, seconds := time.Time{}.In(loc).Zone()
	return fmt.Sprintf("to_minutes(%d)", seconds/60), true
}

// call prints the call of a scalar function.
func (p *duckPrinter) call(c *Call) string {
	if c.Fn.special != nil {
		return c.Fn.special(p, c)
	}
	return p.byTemplate(c, c.Fn.duck)
}

func (p *duckPrinter) byTemplate(c *Call, t string) string {
	args := make([]string, len(c.Args))
	types := make([]*Type, len(c.Args))
	for i, a := range c.Args {
		types[i] = a.Type()
		if l, ok := a.(*Lambda); ok {
			args[i] = p.lambda(l)
			continue
		}
		args[i] = p.expr(a)
	}
	return p.template(t, args, types, c.Typ)
}

// lambda prints a lambda with generated names.
func (p *duckPrinter) lambda(l *Lambda) string {
	names := make([]string, len(l.Params))
	for i, prm := range l.Params {
		names[i] = p.name()
		p.params[prm.ID] = names[i]
	}
	return "lambda " + strings.Join(names, ", ") + " : " + p.typed(l.Body, l.Body.Type())
}

// inline prints a lambda's body with its parameters standing for the given values.
func (p *duckPrinter) inline(l *Lambda, values ...string) string {
	for i, prm := range l.Params {
		p.params[prm.ID] = values[i]
	}
	return p.expr(l.Body)
}
