package command

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/pflag"
)

// wanted says by a flag's type what its values are.
var wanted = map[string]string{
	"int": "a whole number", "int64": "a whole number", "uint": "a whole number", "uint64": "a whole number",
	"float64": "a number", "bool": "true or false", "duration": "a time such as 90s, 10m or 2h",
}

// flagError says what is wrong with the value of a flag, and which flag it is. What packages strconv
// and time say of it is for programmers.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	name, value, cause := invalid.GetFlag().Name, invalid.GetValue(), invalid.Unwrap()
	want := wanted[invalid.GetFlag().Value.Type()]
	var number *strconv.NumError
	switch {
	case errors.Is(cause, strconv.ErrRange):
		return fmt.Errorf("--%s %s: the number is too large", name, value)
	case want != "" && (errors.As(cause, &number) || strings.HasPrefix(cause.Error(), "time: ")):
		return fmt.Errorf("--%s %q: give %s", name, value, want)
	}
	return fmt.Errorf("--%s: %w", name, cause)
}
