package s3test

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// The server is built in a module of its own, so that this program depends on nothing
// of it. Version and hashes of all that is built are pinned.
var (
	//go:embed versitygw/go.mod.txt
	goMod string
	//go:embed versitygw/go.sum.txt
	goSum string
)

// serverVersion is that of go.mod.txt.
const serverVersion = "v1.8.0"

// build returns the path of the server's program. It is built once for each version of
// Go and kept in the user's cache; processes that want it meanwhile wait.
func build() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "traillake-test", "versitygw-"+serverVersion+"-"+runtime.Version())
	program := filepath.Join(dir, "versitygw")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("build versitygw: %w", err)
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(dir, "lock")).Lock()
	if err != nil {
		return "", fmt.Errorf("build versitygw: %w", err)
	}
	defer unlock()
	if _, err := os.Stat(program); !errors.Is(err, fs.ErrNotExist) {
		return program, err
	}
	for name, text := range map[string]string{"go.mod": goMod, "go.sum": goSum} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", fmt.Errorf("build versitygw: %w", err)
		}
	}
	cmd := exec.Command("go", "build", "-mod=readonly", "-trimpath", "-ldflags=-s -w", "-o", program+".new", "github.com/versity/versitygw/cmd/versitygw")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "GO111MODULE=on", "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build versitygw in %s: %w\n%s", dir, err, strings.TrimSpace(string(out)))
	}
	return program, os.Rename(program+".new", program)
}
