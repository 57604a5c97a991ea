// Command traillake turns CloudTrail logs into event data stores and answers SQL
// about them.
package main

import (
	"os"

	"traillake/cmd/traillake/command"
)

func main() { os.Exit(int(command.Main())) }
