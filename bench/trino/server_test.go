package trino

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// does is the environment of a process that is the stand-in for Trino's launcher: what it
// does.
const does = "TRAILLAKE_FAKE_TRINO"

func TestMain(m *testing.M) {
	if does := os.Getenv(does); does != "" {
		if err := fake(does); err != nil {
			fmt.Println("INFO\tstarting\nERROR\tmain\t" + err.Error())
			os.Exit(100)
		}
		return
	}
	os.Exit(m.Run())
}

// fake is a server that answers a few statements as Trino does, on the port of its
// configuration.
func fake(does string) error {
	if len(os.Args) != 4 || os.Args[1] != "run" || os.Args[2] != "--etc-dir" {
		return fmt.Errorf("called with %q", os.Args)
	}
	if does == "fail" {
		return errors.New("Configuration property 'x' was not used")
	}
	port := ""
	config, err := os.Open(filepath.Join(os.Args[3], "config.properties"))
	if err != nil {
		return err
	}
	defer config.Close()
	for lines := bufio.NewScanner(config); lines.Scan(); {
		if p, ok := strings.CutPrefix(lines.Text(), "http-server.http.port="); ok {
			port = p
		}
	}
	base := "http://127.0.0.1:" + port
	asked, waits, told := 0, make(chan struct{}), make(chan struct{})
	http.HandleFunc("GET /v1/info", func(w http.ResponseWriter, r *http.Request) {
		asked++
		fmt.Fprintf(w, `{"nodeVersion":{"version":"999"},"starting":%v}`, asked < 2)
	})
	http.HandleFunc("POST /v1/statement", func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("X-Trino-Time-Zone") != "UTC" {
			http.Error(w, "no query", http.StatusBadRequest)
			return
		}
		switch statement := string(text); {
		case statement == "CREATE SCHEMA iceberg.traillake", strings.HasPrefix(statement, "CALL iceberg.system.register_table('traillake', 'events', 'file:///"):
			fmt.Fprint(w, `{}`)
		case statement == "SELECT 1/0":
			fmt.Fprint(w, `{"error":{"errorName":"DIVISION_BY_ZERO","message":"Division by zero"}}`)
		case statement == "SELECT n":
			fmt.Fprintf(w, `{"nextUri":"%s/rows/1","stats":{}}`, base)
		case statement == "SELECT long":
			fmt.Fprintf(w, `{"nextUri":"%s/long","stats":{}}`, base)
		default:
			http.Error(w, "what is "+statement, http.StatusTeapot)
		}
	})
	const columns = `"columns":[{"name":"n","typeSignature":{"rawType":"bigint","arguments":[]}}]`
	http.HandleFunc("GET /rows/1", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"nextUri":"%s/rows/2",%s,"data":[[1],[9007199254740993]]}`, base, columns)
	})
	http.HandleFunc("GET /rows/2", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{%s,"data":[[null]],"stats":{"cpuTimeMillis":7,"physicalInputBytes":11}}`, columns)
	})
	http.HandleFunc("GET /long", func(w http.ResponseWriter, r *http.Request) {
		close(waits)
		<-r.Context().Done()
	})
	http.HandleFunc("DELETE /long", func(w http.ResponseWriter, r *http.Request) {
		close(told)
		w.WriteHeader(http.StatusNoContent)
	})
	http.HandleFunc("GET /waits", func(http.ResponseWriter, *http.Request) { <-waits })
	http.HandleFunc("GET /told", func(http.ResponseWriter, *http.Request) { <-told })
	return http.ListenAndServe("127.0.0.1:"+port, nil)
}

// standIn makes the folder of an installed Trino that is the stand-in.
func standIn(t *testing.T, what string) string {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, "bin"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, launcher(home)); err != nil {
		t.Fatal(err)
	}
	t.Setenv(does, what)
	t.Chdir(filepath.Dir(home))
	t.Setenv("TRINO_HOME", filepath.Base(home))
	found, err := Home()
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func started(t *testing.T, what string) *Server {
	s, err := Start(t.Context(), Options{Home: standIn(t, what), Dir: t.TempDir(), Threads: 1, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestRun(t *testing.T) {
	s := started(t, "answer")
	if s.Version != "999" {
		t.Errorf("version %q", s.Version)
	}
	if err := s.Register(t.Context(), "events", t.TempDir()); err != nil {
		t.Error(err)
	}
	var got []any
	c, err := s.Run(t.Context(), "SELECT n", func(columns []Column, rows [][]any) error {
		if len(columns) != 1 || columns[0].Name != "n" || columns[0].Type.Name != "bigint" {
			t.Errorf("columns %+v", columns)
		}
		for _, r := range rows {
			got = append(got, r...)
		}
		return nil
	})
	if want := []any{json.Number("1"), json.Number("9007199254740993"), nil}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, error %v", got, err)
	}
	if c.Wall <= 0 || c.CPU.Milliseconds() != 7 || c.Read != 11 {
		t.Errorf("cost %+v", c)
	}
	_, err = s.Run(t.Context(), "SELECT 1/0", nil)
	if e, ok := errors.AsType[*Error](err); !ok || e.Name != "DIVISION_BY_ZERO" {
		t.Errorf("a division by zero gives %v", err)
	}
	if _, err := s.Run(t.Context(), "SELEC", nil); err == nil || !strings.Contains(err.Error(), "ask Trino: 418 I'm a teapot: what is SELEC") {
		t.Errorf("what is no statement gives %v", err)
	}
	stop := errors.New("enough")
	if _, err := s.Run(t.Context(), "SELECT n", func([]Column, [][]any) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a reader that has enough gives %v", err)
	}
}

// TestEnds: a statement whose context ends is ended on the server, too, and a server with
// its context.
func TestEnds(t *testing.T) {
	s := started(t, "answer")
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := s.Run(ctx, "SELECT long", nil)
		failed <- err
	}()
	await(t, s.base+"/waits")
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	await(t, s.base+"/told")

	ctx, cancel = context.WithCancel(t.Context())
	s, err := Start(ctx, Options{Home: standIn(t, "answer"), Dir: t.TempDir(), Threads: 1, Memory: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	<-s.ended
	if _, err := s.Run(t.Context(), "SELECT n", nil); err == nil {
		t.Error("a server that has ended answers")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// await asks for what the stand-in answers once something has happened.
func await(t *testing.T, address string) {
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}

// TestDoesNotStart: what the server says of why it ends is in the error, and so is what is
// missing.
func TestDoesNotStart(t *testing.T) {
	_, err := Start(t.Context(), Options{Home: standIn(t, "fail"), Dir: t.TempDir(), Threads: 1, Memory: 1 << 30})
	if err == nil || !strings.HasPrefix(err.Error(), "start Trino: it ended (exit status 100): ERROR\tmain\tConfiguration property 'x' was not used") {
		t.Errorf("a server that ends at once gives %v", err)
	}
	t.Setenv("TRINO_HOME", t.TempDir())
	if _, err := Home(); err == nil || !strings.Contains(err.Error(), "set TRINO_HOME to the folder of an unpacked trino-server") {
		t.Errorf("a folder without Trino gives %v", err)
	}
}
