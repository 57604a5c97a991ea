package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

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
	o := []mail.Option{mail.WithTLSConfig(config), mail.WithTimeout(s.timeout())}
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
		err = s.handOver(ctx, session, msg)
	}
	var reply *textproto.Error
	var network net.Error
	if errors.As(err, &reply) && reply.Code/100 == 4 || errors.As(err, &network) {
		return passing{fmt.Errorf("%s: %w", u.Host, err)}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", u.Host, err)
	}
	return nil
}

// unanswered is an error of the network after which nobody knows whether the message was
// taken. It hides what it is of: to try again at once might send the message twice.
type unanswered struct{ error }

// handOver sends a message to its recipients and ends the session. The library's own way
// of it has one deadline for everything, the answer to the message included.
func (s *Sender) handOver(ctx context.Context, session *smtp.Client, msg *mail.Msg) (err error) {
	// The connection knows nothing of the context.
	stop := context.AfterFunc(ctx, func() { _ = session.Text.Close() })
	defer func() {
		var reply *textproto.Error
		// Whatever the server says to QUIT changes nothing.
		if (err == nil || errors.As(err, &reply)) && session.UpdateDeadline(s.timeout()) == nil {
			_ = session.Quit()
		}
		stop()
		_ = session.Text.Close() // a second time does no harm
	}()
	from, err := msg.GetSender(false)
	if err != nil {
		return err
	}
	recipients, err := msg.GetRecipients()
	if err != nil {
		return err
	}
	if err := session.UpdateDeadline(s.timeout()); err != nil {
		return err
	}
	if err := session.Mail(from); err != nil {
		return fmt.Errorf("sender %s: %w", from, err)
	}
	for _, to := range recipients {
		if err := session.Rcpt(to); err != nil {
			return fmt.Errorf("recipient %s: %w", to, err)
		}
	}
	w, err := session.Data()
	if err != nil {
		return fmt.Errorf("begin message: %w", err)
	}
	if _, err := msg.WriteTo(w); err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	if err := session.UpdateDeadline(s.mailTimeout()); err != nil {
		return err
	}
	err = w.Close()
	var reply *textproto.Error
	if err != nil && !errors.As(err, &reply) {
		err = unanswered{err}
	}
	if err != nil {
		return fmt.Errorf("answer to the message: %w", err)
	}
	return nil
}

// serverName is what errors call the server of a URL.
func serverName(smtp string) string {
	u, err := url.Parse(smtp)
	if err != nil {
		return "none"
	}
	return u.Host
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
