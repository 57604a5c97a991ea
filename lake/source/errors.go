package source

import "errors"

// ErrChanged reports that an object is not the one that was listed, or changed
// while it was read.
var ErrChanged = errors.New("the object changed while it was read")
