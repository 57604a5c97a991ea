package command

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/pflag"
)

// wanted says by a flag's type what its values are, where the type itself says it in Go's words.
var wanted = map[string]string{
	"int": "a whole number", "int64": "a whole number", "uint": "a whole number", "uint64": "a whole number",
	"float64": "a number", "bool": "true or false", "duration": "a time such as 90s, 10m or 2h",
}

// flagError says what is wrong with the value of a flag, and which flag it is.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	name, value := invalid.GetFlag().Name, invalid.GetValue()
	want := wanted[invalid.GetFlag().Value.Type()]
	switch {
	case want == "":
		return fmt.Errorf("--%s: %w", name, invalid.Unwrap())
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("--%s %s: the number is too large", name, value)
	}
	return fmt.Errorf("--%s %q: give %s", name, value, want)
}
