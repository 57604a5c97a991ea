package command

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
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

// mayBeEmpty marks flags whose empty value means something, and commands of which an argument does.
const mayBeEmpty = "traillake_may_be_empty"

// allowEmpty marks a flag so.
func allowEmpty(f *pflag.FlagSet, name string) {
	_ = f.SetAnnotation(name, mayBeEmpty, []string{"true"}) // fails only where there is no such flag
}

// notEmpty refuses flags that were given without a value and arguments that are empty, which a
// script gives whose variable is not set: commands would do without them, in another lake, with all
// accounts, or in the folder that they run in.
func notEmpty(cmd *cobra.Command, args []string) (err error) {
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if err == nil && emptied(f) {
			err = usagef(cmd, "--%s is empty: give a value, or leave the flag out", f.Name)
		}
	})
	// A shell that completes a command line gives all of it, with what is not begun yet.
	taken := cmd.Annotations[mayBeEmpty] != "" || cmd.Name() == cobra.ShellCompRequestCmd
	if i := slices.Index(args, ""); err == nil && i >= 0 && !taken {
		err = usagef(cmd, "argument %d is empty: give a value", i+1)
	}
	return err
}

// emptied reports whether a flag that was given lacks the value that it needs.
func emptied(f *pflag.Flag) bool {
	if f.Annotations[mayBeEmpty] != nil {
		return false
	}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		values := list.GetSlice()
		return len(values) == 0 || slices.Contains(values, "")
	}
	return f.Value.String() == ""
}
