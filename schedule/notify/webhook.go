package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"traillake/schedule"
)

// SignatureHeader is the header that a webhook with a key is signed with: t=UNIX,v1=HEX,
// where HEX is the HMAC-SHA256, with the key, of UNIX, a full stop and the body.
const SignatureHeader = "Traillake-Signature"

// IDHeader holds the id of the message: a notice that is repeated has the same.
const IDHeader = "Idempotency-Key"

func (s *Sender) webhook(ctx context.Context, n schedule.Notice, m schedule.Message, known *secrets) error {
	address, err := s.lookUp(n.To, known)
	if err != nil {
		return err
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return errors.New("its URL is none; it is https://HOST/…")
	}
	// Parts of a secret URL are secret, too; some errors quote them.
	if schedule.IsReference(n.To) {
		known.add(u.RequestURI())
	}
	var body []byte
	if n.Kind == schedule.NoticeSlack {
		body, err = json.Marshal(map[string]string{"text": slackText(m)})
	} else {
		body, err = json.Marshal(m)
	}
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return errors.New("its URL is none; it is https://HOST/…")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", s.agent())
	req.Header.Set(IDHeader, m.ID)
	if n.Secret != "" {
		key, err := s.lookUp(n.Secret, known)
		if err != nil {
			return err
		}
		req.Header.Set(SignatureHeader, Sign([]byte(key), s.now().Unix(), body))
	}
	resp, err := s.client().Do(req)
	if err != nil {
		// The error of the client quotes the URL.
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return passing{fmt.Errorf("%s: %w", u.Host, err)}
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return nil
	}
	said, err := io.ReadAll(io.LimitReader(resp.Body, 200))
	if err != nil {
		said = nil // the status says enough
	}
	err = fmt.Errorf("%s answered %s %s", u.Host, resp.Status, strings.Join(strings.Fields(strings.ToValidUTF8(string(said), "")), " "))
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode/100 == 5 {
		return passing{err}
	}
	return err
}

// Sign returns the value of SignatureHeader.
func Sign(key []byte, unix int64, body []byte) string {
	t := strconv.FormatInt(unix, 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}

// slackText is the message in Slack's mark-up, which has three characters of its own.
func slackText(m schedule.Message) string {
	text := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(m.Text())
	first, rest, _ := strings.Cut(text, "\n")
	return "*" + first + "*\n" + strings.TrimSpace(rest)
}
