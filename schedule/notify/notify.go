// Package notify sends the notices of schedules: to webhooks, to Slack, to SNS topics and
// by e-mail.
//
// A notice names its secrets by reference, env:NAME or file:PATH. Sender looks them up when
// it sends, keeps them nowhere, and leaves them out of errors.
package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"traillake/internal/awsclient"
	"traillake/schedule"
)

// Sender sends notices. The zero value works.
type Sender struct {
	// Getenv looks up variables; nil means the environment.
	Getenv func(string) string
	// Timeout bounds one try to send one notice; zero means 30 seconds. Mail servers have it to
	// let us in, and again to take the message.
	Timeout time.Duration
	// MailTimeout is how long a mail server may take to answer a whole message; zero means 10
	// minutes, as RFC 5321 wants in 4.5.3.2.6: who gives up earlier sends it twice.
	MailTimeout time.Duration
	// AWS says how SNS is reached.
	AWS awsclient.Options
	// TLS is the configuration of connections to webhooks and mail servers; nil means the
	// system's.
	TLS *tls.Config
	// Agent names the program to those who receive something.
	Agent string
	// Now and Pause are the clock; nil means the system's. Pause waits between tries.
	Now   func() time.Time
	Pause func(ctx context.Context, d time.Duration)

	// silent are the mail servers that did not answer, by their URL: a notice waits for minutes,
	// and each recipient has one.
	silent sync.Map
}

const (
	defaultTimeout     = 30 * time.Second
	defaultMailTimeout = 10 * time.Minute
)

// pauses are between tries where the other side may be over its trouble soon. Whoever
// calls Send tries again later.
var pauses = []time.Duration{time.Second, 5 * time.Second}

// passing marks an error that may pass by itself.
type passing struct{ error }

func (e passing) Unwrap() error { return e.error }

// Send sends a notice. It tries three times where the trouble may pass. A mail server that did
// not answer is asked no more by this Sender.
func (s *Sender) Send(ctx context.Context, n schedule.Notice, m schedule.Message) error {
	if _, silent := s.silent.Load(n.SMTP); silent && n.Kind == schedule.NoticeEmail {
		return fmt.Errorf("the mail server did not answer for the notice before: %s", serverName(n.SMTP))
	}
	var secrets secrets
	var err error
	for try := 0; ; try++ {
		err = s.once(ctx, n, m, &secrets)
		var p passing
		if err == nil || !errors.As(err, &p) || try == len(pauses) || ctx.Err() != nil {
			break
		}
		s.pause(ctx, pauses[try])
	}
	if err == nil {
		return nil
	}
	var network net.Error
	var unanswered unanswered
	if n.Kind == schedule.NoticeEmail && ctx.Err() == nil && (errors.As(err, &network) || errors.As(err, &unanswered)) {
		s.silent.Store(n.SMTP, true)
	}
	return errors.New(secrets.hide(err.Error()))
}

func (s *Sender) once(ctx context.Context, n schedule.Notice, m schedule.Message, known *secrets) error {
	if n.Kind == schedule.NoticeEmail { // which has timeouts of its own
		return s.email(ctx, n, m, known)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	switch n.Kind {
	case schedule.NoticeWebhook, schedule.NoticeSlack:
		return s.webhook(ctx, n, m, known)
	case schedule.NoticeSNS:
		return s.sns(ctx, n, m)
	default:
		return fmt.Errorf("there is no such way: %q", n.Kind)
	}
}

func (s *Sender) timeout() time.Duration { return cmp.Or(s.Timeout, defaultTimeout) }

func (s *Sender) mailTimeout() time.Duration { return cmp.Or(s.MailTimeout, defaultMailTimeout) }

func (s *Sender) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Sender) pause(ctx context.Context, d time.Duration) {
	if s.Pause != nil {
		s.Pause(ctx, d)
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (s *Sender) agent() string { return cmp.Or(s.Agent, "traillake") }

// client makes a client for one request: a notice is seldom, and a connection that is kept
// would be dead by the next.
func (s *Sender) client() *http.Client {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: s.TLS.Clone(), DisableKeepAlives: true, ForceAttemptHTTP2: true}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // a notice goes where it was meant to, or nowhere
	}}
}

// lookUp returns what a value refers to, or the value itself. What is referred to is
// taken note of.
func (s *Sender) lookUp(value string, known *secrets) (string, error) {
	if !schedule.IsReference(value) {
		return value, nil
	}
	kind, where, _ := strings.Cut(value, ":")
	if kind == "env" {
		getenv := s.Getenv
		if getenv == nil {
			getenv = os.Getenv
		}
		if value = getenv(where); value == "" {
			return "", fmt.Errorf("the environment variable %s is not set", where)
		}
	} else {
		raw, err := os.ReadFile(where)
		if err != nil {
			return "", err
		}
		if value = strings.TrimSpace(string(raw)); value == "" {
			return "", fmt.Errorf("%s is empty", where)
		}
	}
	known.add(value)
	return value, nil
}

// secrets are values that no error may tell.
type secrets []string

func (s *secrets) add(value string) { *s = append(*s, value) }

func (s secrets) hide(text string) string {
	for _, v := range s {
		text = strings.ReplaceAll(text, v, "(secret)")
	}
	return text
}
