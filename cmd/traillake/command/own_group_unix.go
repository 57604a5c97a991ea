//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's Ctrl-C from a process: it would come beside the interrupt that this
// program sends, and the second kills.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
