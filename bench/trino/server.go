package trino

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Schema is where the tables of a server are, its catalog and its schema.
const Schema = catalog + "." + schemaName

const (
	catalog    = "iceberg"
	schemaName = "traillake"
)

// Home returns the folder of an installed Trino: $TRINO_HOME, or where its packages and its
// container put it.
func Home() (string, error) {
	home := os.Getenv("TRINO_HOME")
	if home == "" {
		home = "/usr/lib/trino"
	}
	home, err := filepath.Abs(home) // the server runs in another folder
	if err != nil {
		return "", fmt.Errorf("find Trino: %w", err)
	}
	if _, err := os.Stat(launcher(home)); err != nil {
		return "", fmt.Errorf("there is no Trino: %w; set TRINO_HOME to the folder of an unpacked trino-server", err)
	}
	return home, nil
}

func launcher(home string) string { return filepath.Join(home, "bin", "launcher") }

// Options say how a server runs.
type Options struct {
	// Home is the folder of the installed Trino, Dir a folder for all that the server
	// writes, which the caller removes.
	Home, Dir string
	// Threads and Memory are the processors that it uses and what one query may have of
	// memory, in bytes. Its heap is twice that and 1 GiB, as Trino does not give a query
	// all of it.
	Threads int
	Memory  int64
}

// Server is a Trino that runs. Close ends it.
type Server struct {
	// Version is what it says of itself, such as 476.
	Version string

	base  string
	stop  context.CancelFunc
	ended chan struct{}
	// failed is why the process ended, once ended is closed.
	failed error
	log    string
}

// readyEvery is how often a server that starts is asked whether it is ready.
const readyEvery = 200 * time.Millisecond

// Start starts a server and waits until it answers. What it prints is in the error where it
// does not.
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := start(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("start Trino: %w", err)
	}
	if _, err := s.Run(ctx, "CREATE SCHEMA "+Schema, nil); err != nil {
		return nil, errors.Join(fmt.Errorf("start Trino: %w", err), s.Close())
	}
	return s, nil
}

func start(ctx context.Context, o Options) (_ *Server, err error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	if err := configure(dir, port, o); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(dir, "server.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()

	s := &Server{base: "http://127.0.0.1:" + strconv.Itoa(port), ended: make(chan struct{}), log: log.Name()}
	var running context.Context
	running, s.stop = context.WithCancel(ctx)
	// The launcher becomes the server, so that to end it is to end that.
	cmd := exec.CommandContext(running, launcher(o.Home), "run", "--etc-dir", filepath.Join(dir, "etc"))
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	if err := cmd.Start(); err != nil {
		s.stop()
		return nil, err
	}
	go func() {
		s.failed = cmd.Wait()
		close(s.ended)
	}()
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// freePort returns a port that nobody listens on.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

// configure writes the configuration of a server alone, with one catalog of Iceberg tables
// whose names are in files.
func configure(dir string, port int, o Options) error {
	etc := filepath.Join(dir, "etc")
	if err := os.MkdirAll(filepath.Join(etc, "catalog"), 0o700); err != nil {
		return err
	}
	const headroom = 1 << 30
	for name, lines := range map[string][]string{
		"node.properties": {"node.environment=traillake", "node.bind-ip=127.0.0.1", "node.internal-address=127.0.0.1", "node.data-dir=" + filepath.Join(dir, "data")},
		"jvm.config": {"-Xmx" + strconv.FormatInt(2*o.Memory+headroom, 10), "-XX:ActiveProcessorCount=" + strconv.Itoa(o.Threads),
			"-XX:+ExitOnOutOfMemoryError", "-Djdk.attach.allowAttachSelf=true", "--enable-native-access=ALL-UNNAMED"},
		"config.properties": {"coordinator=true", "node-scheduler.include-coordinator=true", "http-server.http.port=" + strconv.Itoa(port),
			"discovery.uri=http://127.0.0.1:" + strconv.Itoa(port), "query.max-memory=" + bytesOf(o.Memory), "query.max-memory-per-node=" + bytesOf(o.Memory),
			"memory.heap-headroom-per-node=" + bytesOf(headroom)},
		"log.properties": {"io.trino=WARN"},
		"catalog/" + catalog + ".properties": {"connector.name=iceberg", "iceberg.catalog.type=TESTING_FILE_METASTORE", "fs.hadoop.enabled=true",
			"hive.metastore.catalog.dir=" + fileURL(filepath.Join(dir, "tables")), "iceberg.register-table-procedure.enabled=true"},
	} {
		if err := os.WriteFile(filepath.Join(etc, name), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func bytesOf(n int64) string { return strconv.FormatInt(n, 10) + "B" }

func fileURL(path string) string { return (&url.URL{Scheme: "file", Path: path}).String() }

// ready waits until the server takes queries.
func (s *Server) ready(ctx context.Context) error {
	tick := time.NewTicker(readyEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.ended:
			return fmt.Errorf("it ended (%v): %s", s.failed, s.said())
		case <-tick.C:
		}
		if v, err := s.version(ctx); err == nil && v != "" {
			s.Version = v
			return nil
		}
	}
}

// version is empty while the server starts.
func (s *Server) version(ctx context.Context) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/v1/info", nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var info struct {
		NodeVersion struct{ Version string }
		Starting    bool
	}
	if err := json.NewDecoder(answer.Body).Decode(&info); err != nil || info.Starting {
		return "", err
	}
	return info.NodeVersion.Version, nil
}

// said is the end of what the server printed that is about a fault.
func (s *Server) said() string {
	text, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	if at := bytes.Index(text, []byte("ERROR")); at >= 0 {
		text = text[at:]
	}
	const most = 1000
	return string(bytes.TrimSpace(text[:min(len(text), most)]))
}

// Register makes a table of the Iceberg table in a folder, at the newest of its metadata.
func (s *Server) Register(ctx context.Context, table, folder string) error {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	quoted := strings.ReplaceAll(fileURL(folder), "'", "''")
	_, err = s.Run(ctx, fmt.Sprintf("CALL %s.system.register_table('%s', '%s', '%s')", catalog, schemaName, table, quoted), nil)
	return err
}

// Close ends the server and waits until it has ended.
func (s *Server) Close() error {
	s.stop()
	<-s.ended
	http.DefaultClient.CloseIdleConnections()
	return nil
}
