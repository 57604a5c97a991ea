package main

import (
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"traillake": main})
}

// TestScripts runs testdata/script. Beside the commands of testscript, scripts have
//
//	gzip FILE…           compresses files in place, to FILE.gz
//	truncate FILE BYTES  cuts a file
//
// TRAILLAKE_UPDATE_SCRIPTS in the environment rewrites what scripts compare with.
func TestScripts(t *testing.T) {
	p := testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			e.Setenv("TRAILLAKE_LAKE", filepath.Join(e.WorkDir, "lake"))
			e.Setenv("TODAY", time.Now().UTC().Format(time.DateOnly))
			e.Setenv("TMPDIR", e.Getenv("TMPDIR"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"gzip":     compress,
			"truncate": truncate,
		},
		UpdateScripts: os.Getenv("TRAILLAKE_UPDATE_SCRIPTS") != "",
	}
	if testing.Short() {
		// Every command is a process, and under the race detector one takes two seconds
		// to start. These are the ones in which goroutines work together.
		p.Dir, p.Files = "", nil
		for _, name := range []string{"bad_input", "demo", "shell"} {
			p.Files = append(p.Files, filepath.Join("testdata", "script", name+".txtar"))
		}
	}
	testscript.Run(t, p)
}

// program returns commands of the program whose home is a folder, with a lake in it.
func program(t *testing.T, home string, env ...string) func(args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	env = append(append(os.Environ(), "HOME="+home, "TRAILLAKE_LAKE="+filepath.Join(home, "lake")), env...)
	return func(args ...string) *exec.Cmd {
		return &exec.Cmd{Path: self, Args: append([]string{"traillake"}, args...), Env: env}
	}
}

func compress(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: gzip FILE…")
	}
	for _, name := range args {
		path := ts.MkAbs(name)
		f, err := os.Create(path + ".gz")
		ts.Check(err)
		w := gzip.NewWriter(f)
		_, err = w.Write([]byte(ts.ReadFile(name)))
		ts.Check(err)
		ts.Check(w.Close())
		ts.Check(f.Close())
		ts.Check(os.Remove(path))
	}
}

func truncate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: truncate FILE BYTES")
	}
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}
