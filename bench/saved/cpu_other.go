//go:build !unix

package saved

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
