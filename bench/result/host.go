package result

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Host are facts of the machine that matter to figures, and none that tell whose it is.
// What a system does not tell is empty.
type Host struct {
	// CPU is the model, Cores how many of them the process may use.
	CPU   string `json:"cpu"`
	Cores int    `json:"cores"`
	// Memory is in bytes.
	Memory int64 `json:"memory"`
	// OS is the system's name and Arch the architecture; Kernel its version.
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Kernel string `json:"kernel"`
	// FileSystem is the kind that the benchmark's folder lies on.
	FileSystem string `json:"fileSystem"`
	// Load is how many tasks ran or waited, on average over a minute, when it began:
	// more than a few tenths are other work.
	Load float64 `json:"load"`
}

// hostFacts reads what Linux tells in files; elsewhere most of it stays empty.
func hostFacts(dir string) Host {
	h := Host{Cores: runtime.NumCPU(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	h.CPU = field("/proc/cpuinfo", "model name", ":")
	if kib, err := strconv.ParseInt(strings.TrimSuffix(field("/proc/meminfo", "MemTotal", ":"), " kB"), 10, 64); err == nil {
		h.Memory = kib << 10
	}
	if name := field("/etc/os-release", "PRETTY_NAME", "="); name != "" {
		h.OS = strings.Trim(name, `"`)
	}
	h.Kernel = firstWord("/proc/sys/kernel/osrelease")
	h.Load, _ = strconv.ParseFloat(firstWord("/proc/loadavg"), 64)
	h.FileSystem = fileSystem(dir)
	return h
}

// field returns the value of the first line of a file that has the key.
func field(path, key, separator string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if k, v, ok := strings.Cut(lines.Text(), separator); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func firstWord(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	word, _, _ := strings.Cut(strings.TrimSpace(string(text)), " ")
	return word
}

// fileSystem is the kind of the mount that holds dir: that with the longest path.
func fileSystem(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	f, err := os.Open("/proc/self/mounts")
	if err != nil {
		return ""
	}
	defer f.Close()
	kind, longest := "", -1
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text()) // what, where, kind, options
		if len(words) < 3 {
			continue
		}
		at := strings.TrimSuffix(words[1], "/")
		if (dir == at || strings.HasPrefix(dir, at+"/")) && len(at) >= longest {
			kind, longest = words[2], len(at)
		}
	}
	return kind
}

// modules are libraries whose versions matter to figures, by what they are called.
var modules = map[string]string{
	"github.com/duckdb/duckdb-go-bindings": "duckdb-go-bindings",
	"github.com/apache/arrow-go/v18":       "arrow-go",
	"github.com/klauspost/compress":        "klauspost/compress",
}

// libraryVersions are those of Go and of what is linked in. That of DuckDB itself is what
// it says, which the benchmark adds.
func libraryVersions() []Version {
	list := []Version{{"go", strings.TrimPrefix(runtime.Version(), "go")}}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if name := modules[m.Path]; name != "" {
				list = append(list, Version{name, m.Version})
			}
		}
	}
	return list
}
