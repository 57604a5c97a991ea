// Command traillake turns CloudTrail logs into event data stores and answers SQL
// about them.
package main

import (
	"os"
	_ "time/tzdata" // AT TIME ZONE works where the system has no zones

	"traillake/cmd/traillake/command"
)

func main() { os.Exit(int(command.Main())) }
