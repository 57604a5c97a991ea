package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"traillake/schedule"
)

// email sends by SMTP. smtp:// wants STARTTLS, except from a server on this machine that
// wants no password; smtps:// is TLS from the start.
func (s *Sender) email(ctx context.Context, n schedule.Notice, m schedule.Message, known *secrets) error {
	u, err := url.Parse(n.SMTP)
	if err != nil {
		return errors.New("its server is none; it is smtp://HOST:PORT or smtps://HOST:PORT")
	}
	msg := mail.NewMsg()
	if err := msg.From(n.From); err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	if err := msg.To(strings.Split(n.To, ",")...); err != nil {
		return fmt.Errorf("recipients: %w", err)
	}
	msg.Subject(m.Subject())
	msg.SetBodyString(mail.TypeTextPlain, m.Text())
	msg.SetDateWithValue(s.now())
	msg.SetUserAgent(s.agent())
	// RFC 3834: no answers of machines. A notice that is repeated has the same id.
	msg.SetGenHeader(mail.Header("Auto-Submitted"), "auto-generated")
	_, domain, _ := strings.Cut(strings.TrimSuffix(n.From, ">"), "@")
	msg.SetMessageIDWithValue(strings.ReplaceAll(m.ID, "/", ".") + ".traillake@" + domain)

	config := s.TLS.Clone()
	if config == nil {
		config = &tls.Config{}
	}
	config.MinVersion = tls.VersionTLS12
	config.ServerName = u.Hostname()
	o := []mail.Option{mail.WithTLSConfig(config)}
	var conn net.Conn
	if u.Scheme == "smtp" {
		// The library leaves the connection open where it cannot begin a session. (Of TLS
		// from the start it must make the connection itself, to know that it is.)
		o = append(o, mail.WithDialContextFunc(func(ctx context.Context, network, address string) (_ net.Conn, err error) {
			conn, err = new(net.Dialer).DialContext(ctx, network, address)
			return conn, err
		}))
		defer func() {
			if conn != nil {
				conn.Close()
			}
		}()
	}
	if s.Timeout > 0 {
		o = append(o, mail.WithTimeout(s.Timeout))
	}
	port := map[string]int{"smtp": 587, "smtps": 465}[u.Scheme]
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("port %q: %w", text, err)
		}
	}
	o = append(o, mail.WithPort(port))
	switch {
	case u.Scheme == "smtps":
		o = append(o, mail.WithSSL())
	case n.Password == "" && isLoopback(u.Hostname()):
		o = append(o, mail.WithTLSPolicy(mail.TLSOpportunistic))
	default:
		o = append(o, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if n.Password != "" {
		user, err := s.lookUp(n.User, known)
		if err != nil {
			return err
		}
		password, err := s.lookUp(n.Password, known)
		if err != nil {
			return err
		}
		o = append(o, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(user), mail.WithPassword(password))
	}
	c, err := mail.NewClient(u.Hostname(), o...)
	if err != nil {
		return err
	}
	session, err := c.DialToSMTPClientWithContext(ctx)
	if err == nil {
		err = c.SendWithSMTPClient(session, msg)
		if closeErr := c.CloseWithSMTPClient(session); err == nil && closeErr != nil {
			return nil // the server has taken the message; what it says to QUIT changes nothing
		}
	}
	var sending *mail.SendError
	var network net.Error
	if errors.As(err, &sending) && sending.IsTemp() || errors.As(err, &network) {
		return passing{fmt.Errorf("%s: %w", u.Host, err)}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", u.Host, err)
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
