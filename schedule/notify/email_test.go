package notify

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"mime"
	"net"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"traillake/schedule"
)

// mailServer speaks SMTP (RFC 5321) with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954) as
// far as a client that sends mail needs it.
type mailServer struct {
	address  string
	tls      *tls.Config
	startTLS bool
	login    string   // user and password that AUTH PLAIN wants; "" for no AUTH
	reject   []string // replies to RCPT, one for each connection; "" takes it
	// answer is waited for before a message is answered, by a connection that is then closed;
	// nil for a server that answers at once.
	answer <-chan struct{}
	taken  func() // called when a message has come; nil for nobody

	mu    sync.Mutex
	mails []received // guarded by mu
	seen  []string   // commands outside of TLS and in it; guarded by mu
}

type received struct {
	from string
	to   []string
	data string
}

// serveMail starts a server; implicit is TLS from the start.
func serveMail(t *testing.T, implicit bool, change func(*mailServer)) (*mailServer, *tls.Config) {
	t.Helper()
	web := httptest.NewTLSServer(nil) // for its certificate, which is good for 127.0.0.1
	web.Close()
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &mailServer{address: l.Addr().String(), tls: &tls.Config{Certificates: web.TLS.Certificates}, startTLS: !implicit}
	if change != nil {
		change(s)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for n := 0; ; n++ {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				if conn.SetDeadline(time.Now().Add(5*time.Second)) != nil {
					return
				}
				if implicit {
					s.session(tls.Server(conn, s.tls), true, n)
				} else {
					s.session(conn, false, n)
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return s, &tls.Config{RootCAs: roots}
}

func (s *mailServer) session(conn net.Conn, secure bool, n int) {
	in := bufio.NewReader(conn)
	say := func(format string, args ...any) { fmt.Fprintf(conn, format+"\r\n", args...) }
	var m received
	authorized := s.login == ""
	if !secure || !s.startTLS {
		say("220 mail.test ESMTP")
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		verb, rest, _ := strings.Cut(line, " ")
		s.mu.Lock()
		s.seen = append(s.seen, fmt.Sprintf("%v %s", secure, strings.ToUpper(verb)))
		s.mu.Unlock()
		switch strings.ToUpper(verb) {
		case "EHLO":
			say("250-mail.test")
			if s.startTLS && !secure {
				say("250-STARTTLS")
			}
			if s.login != "" && secure {
				say("250-AUTH PLAIN")
			}
			say("250 SIZE 1000000")
		case "STARTTLS":
			say("220 go ahead")
			s.session(tls.Server(conn, s.tls), true, n)
			return
		case "AUTH":
			_, given, _ := strings.Cut(rest, " ")
			plain, err := base64.StdEncoding.DecodeString(given)
			if authorized = err == nil && string(plain) == s.login; authorized {
				say("235 welcome")
			} else {
				say("535 5.7.8 who are you, %s", strings.ReplaceAll(string(plain), "\x00", " "))
			}
		case "MAIL":
			if !authorized {
				say("530 log in first")
				continue
			}
			m = received{from: rest}
			say("250 ok")
		case "RCPT":
			if n < len(s.reject) && s.reject[n] != "" {
				say("%s", s.reject[n])
				continue
			}
			m.to = append(m.to, rest)
			say("250 ok")
		case "DATA":
			say("354 go ahead")
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				m.data += line
			}
			s.mu.Lock()
			s.mails = append(s.mails, m)
			s.mu.Unlock()
			if s.taken != nil {
				s.taken()
			}
			if s.answer != nil {
				<-s.answer
				return
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func (s *mailServer) got() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mails
}

// TestEmail sends to two people, by STARTTLS and by TLS, with a login and without.
func TestEmail(t *testing.T) {
	for name, c := range map[string]struct {
		implicit bool
		login    bool
	}{"starttls and login": {false, true}, "tls and login": {true, true}, "starttls": {false, false}} {
		t.Run(name, func(t *testing.T) {
			server, config := serveMail(t, c.implicit, func(s *mailServer) {
				if c.login {
					s.login = "\x00robot\x00hunter2"
				}
			})
			n := schedule.Notice{Kind: schedule.NoticeEmail, To: "audit@example.org,Ana <ana@example.org>", From: "Traillake <robot@example.com>", SMTP: "smtp://" + server.address}
			if c.implicit {
				n.SMTP = "smtps://" + server.address
			}
			if c.login {
				n.User, n.Password = "robot", "env:PASSWORD"
			}
			s := sender(map[string]string{"PASSWORD": "hunter2"}, nil)
			s.TLS = config
			if err := s.Send(t.Context(), n, message); err != nil {
				t.Fatal(err)
			}
			mails := server.got()
			if len(mails) != 1 || len(mails[0].to) != 2 || !strings.Contains(mails[0].from, "<robot@example.com>") || !strings.Contains(mails[0].to[1], "<ana@example.org>") {
				t.Fatalf("%+v", mails)
			}
			m, err := mail.ReadMessage(strings.NewReader(mails[0].data))
			if err != nil {
				t.Fatal(err)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
			if err != nil || subject != message.Subject() {
				t.Errorf("subject %q, want %q: %v", subject, message.Subject(), err)
			}
			if id := m.Header.Get("Message-ID"); id != "<monthly.20261101-0500.traillake@example.com>" {
				t.Errorf("id %s", id)
			}
			if m.Header.Get("Auto-Submitted") != "auto-generated" || !strings.Contains(mails[0].data, "2 findings, 14 pass.") {
				t.Errorf("%s", mails[0].data)
			}
			for _, seen := range server.seen {
				if verb := strings.TrimPrefix(seen, "false "); verb != seen && verb != "EHLO" && verb != "STARTTLS" {
					t.Errorf("%s without TLS", verb)
				}
			}
		})
	}
}

// TestEmailRefused sends nothing without TLS where there is a password or a network, tries
// again what may pass, and tells no password.
func TestEmailRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*mailServer)
		trust  bool
		want   string // in the error; "" for none
		mails  int
	}{
		"wrong password":      {func(s *mailServer) { s.login = "\x00robot\x00other" }, true, "535", 0},
		"no STARTTLS":         {func(s *mailServer) { s.startTLS = false }, true, "STARTTLS", 0},
		"unknown certificate": {func(s *mailServer) { s.login = "\x00robot\x00hunter2" }, false, "certificate", 0},
		"busy at first":       {func(s *mailServer) { s.login, s.reject = "\x00robot\x00hunter2", []string{"451 later", ""} }, true, "", 1},
		"nobody of that name": {func(s *mailServer) { s.login, s.reject = "\x00robot\x00hunter2", []string{"550 unknown"} }, true, "550", 0},
	} {
		t.Run(name, func(t *testing.T) {
			server, config := serveMail(t, false, c.change)
			s := sender(map[string]string{"PASSWORD": "hunter2"}, nil)
			if c.trust {
				s.TLS = config
			}
			n := schedule.Notice{Kind: schedule.NoticeEmail, To: "audit@example.org", From: "robot@example.com", SMTP: "smtp://" + server.address, User: "robot", Password: "env:PASSWORD"}
			err := s.Send(t.Context(), n, message)
			if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if len(server.got()) != c.mails {
				t.Errorf("%d mails, want %d", len(server.got()), c.mails)
			}
		})
	}
}

// TestEmailSlow has a server that takes the message and does not say so: it gets it once, and
// whoever is told to end does not wait for it.
func TestEmailSlow(t *testing.T) {
	for name, c := range map[string]struct {
		wait      time.Duration
		interrupt bool
		implicit  bool
	}{"time is up": {wait: 20 * time.Millisecond}, "interrupt": {interrupt: true}, "interrupt of tls": {interrupt: true, implicit: true}} {
		t.Run(name, func(t *testing.T) {
			answer := make(chan struct{})
			server, config := serveMail(t, c.implicit, func(s *mailServer) { s.answer = answer })
			defer close(answer)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			taken := make(chan struct{})
			server.taken = func() {
				close(taken)
				if c.interrupt {
					cancel()
				}
			}
			scheme := map[bool]string{false: "smtp://", true: "smtps://"}[c.implicit]
			n := schedule.Notice{Kind: schedule.NoticeEmail, To: "audit@example.org", From: "robot@example.com", SMTP: scheme + server.address}
			s := sender(nil, nil)
			s.TLS, s.MailTimeout = config, c.wait
			if err := s.Send(ctx, n, message); err == nil || !strings.Contains(err.Error(), "answer to the message") {
				t.Error(err)
			}
			<-taken
			// Who comes next does not wait for it as long again, unless the first was interrupted.
			if c.interrupt {
				return
			}
			if err := s.Send(ctx, n, message); err == nil || !strings.Contains(err.Error(), "did not answer for the notice before") {
				t.Error(err)
			}
			if len(server.got()) != 1 {
				t.Errorf("%d mails", len(server.got()))
			}
		})
	}
}

// TestEmailTimeouts are those that are documented, and none of the library's.
func TestEmailTimeouts(t *testing.T) {
	s := &Sender{}
	if s.timeout() != 30*time.Second || s.mailTimeout() != 10*time.Minute {
		t.Errorf("%s, %s", s.timeout(), s.mailTimeout())
	}
}

// TestEmailLocal takes a server of this machine without TLS when no password is sent.
func TestEmailLocal(t *testing.T) {
	server, _ := serveMail(t, false, func(s *mailServer) { s.startTLS = false })
	n := schedule.Notice{Kind: schedule.NoticeEmail, To: "audit@example.org", From: "robot@example.com", SMTP: "smtp://" + server.address}
	if err := sender(nil, nil).Send(t.Context(), n, message); err != nil || len(server.got()) != 1 {
		t.Errorf("%v, %d mails", err, len(server.got()))
	}
}
