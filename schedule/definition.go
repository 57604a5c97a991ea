package schedule

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Definition says what is to be made, and when.
type Definition struct {
	// V is the version of this form.
	V int `json:"v"`
	// Name is the schedule's: lower-case letters, digits, - and _.
	Name string `json:"name"`
	// Cron and TimeZone are as ParseTimes takes them.
	Cron     string `json:"cron"`
	TimeZone string `json:"timeZone"`
	// Report names a pack or a saved query, and Params are a query's parameters.
	Report string            `json:"report"`
	Params map[string]string `json:"params,omitempty"`
	// Store is the event data store, by any of its names.
	Store string `json:"store"`
	// Period is relative to the due time, as last-month is.
	Period string `json:"period"`
	// To are folders and s3:// places. Each report has a folder of its own below each.
	To []string `json:"to"`
	// Notices are sent when a report was made, or could not be.
	Notices []Notice `json:"notices,omitempty"`
	// Link is where people find what lies in the first of To; empty means there.
	Link string `json:"link,omitempty"`
	// RequireComplete makes a run wait until the store holds all deliveries of the
	// period, at most for WaitUpTo after the due time. Then the report is made all the
	// same, and says what is missing.
	RequireComplete bool     `json:"requireComplete,omitempty"`
	WaitUpTo        Duration `json:"waitUpTo,omitempty"`
	// Attempts is how often a run is tried, Backoff how long after the first failure the
	// second try comes. Each further one waits twice as long, at most MaxBackoff.
	Attempts int      `json:"attempts"`
	Backoff  Duration `json:"backoff"`
	// CatchUp says what becomes of due times that nobody was there to run.
	CatchUp CatchUp `json:"catchUp"`
	// Keep is how many settled runs the history keeps.
	Keep int `json:"keep"`

	// From is the time after which due times count: when this definition was made, or the
	// first of those that it replaced and that have the same due times.
	From time.Time `json:"from"`
	// Pauses are the times at which the schedule was paused. What was due in them is not
	// made up for. The last may have no end.
	Pauses []Span `json:"pauses,omitempty"`
	// Removed is when the schedule was removed; zero while it is there.
	Removed time.Time `json:"removed,omitzero"`
}

// CatchUp is a policy for due times that were missed.
type CatchUp string

// The policies.
const (
	// CatchUpAll runs every one of them, the oldest first.
	CatchUpAll CatchUp = "all"
	// CatchUpLast runs the newest and skips the others.
	CatchUpLast CatchUp = "last"
)

// Span is since ≤ t < until. Until is zero where it has not ended.
type Span struct {
	Since time.Time `json:"since"`
	Until time.Time `json:"until,omitzero"`
}

func (s Span) holds(t time.Time) bool {
	return !t.Before(s.Since) && (s.Until.IsZero() || t.Before(s.Until))
}

// Duration is a time span that is written as 1h30m0s.
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// NoticeKind is a way in which notices are sent.
type NoticeKind string

// The ways.
const (
	// NoticeWebhook posts JSON, NoticeSlack what Slack's incoming webhooks take.
	NoticeWebhook NoticeKind = "webhook"
	NoticeSlack   NoticeKind = "slack"
	// NoticeSNS publishes to an SNS topic.
	NoticeSNS NoticeKind = "sns"
	// NoticeEmail sends e-mail by SMTP.
	NoticeEmail NoticeKind = "email"
)

// Notice says whom to tell, and when. Where a value is secret it is a reference, env:NAME
// or file:PATH, which is looked up by who sends.
type Notice struct {
	Kind NoticeKind `json:"kind"`
	// To is the URL or a reference to it, the topic's ARN, or e-mail addresses with
	// commas between them.
	To string `json:"to"`
	// When says when a report is worth telling. A run that failed for good always is.
	When NoticeWhen `json:"when"`
	// Secret refers to the key that webhooks are signed with; empty for none.
	Secret string `json:"secret,omitempty"`
	// SMTP is the server of e-mail: smtp://host:587 with STARTTLS, smtps://host:465.
	SMTP string `json:"smtp,omitempty"`
	// From is the sender of e-mail.
	From string `json:"from,omitempty"`
	// User and Password log in to the server. The password is a reference; so may the
	// user be.
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
}

// each returns a notice for each recipient of e-mail: a server may refuse one of them, who then
// keeps it from no other, and whoever was told is not told again. Other notices have one.
func (n Notice) each() []Notice {
	if n.Kind != NoticeEmail {
		return []Notice{n}
	}
	var all []Notice
	for to := range strings.SplitSeq(n.To, ",") {
		one := n
		one.To = strings.TrimSpace(to)
		all = append(all, one)
	}
	return all
}

// NoticeWhen says which reports are told.
type NoticeWhen string

// The choices.
const (
	// NoticeChanged tells of a report whose findings, or what it misses, are not those of the
	// one before.
	NoticeChanged NoticeWhen = "changed"
	// NoticeAlways tells of every one.
	NoticeAlways NoticeWhen = "always"
)

const definitionVersion = 1

// The defaults of a definition.
const (
	DefaultAttempts = 5
	DefaultBackoff  = 5 * time.Minute
	DefaultKeep     = 400
	DefaultWait     = 24 * time.Hour
	// MaxBackoff bounds the time between two tries.
	MaxBackoff = 6 * time.Hour
)

// ErrInvalid reports a definition that cannot be kept.
var ErrInvalid = errors.New("invalid schedule")

var (
	validName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
	reference = regexp.MustCompile(`^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$`)
	topicARN  = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+(\.fifo)?$`)
)

// IsReference reports whether a value says where a secret is, and is none itself.
func IsReference(text string) bool { return reference.MatchString(text) }

// Normalize fills in the defaults.
func (d *Definition) Normalize() {
	d.V = definitionVersion
	if d.TimeZone == "" {
		d.TimeZone = "UTC"
	}
	if d.Period == "" {
		d.Period = "last-month"
	}
	if d.Attempts == 0 {
		d.Attempts = DefaultAttempts
	}
	if d.Backoff == 0 {
		d.Backoff = Duration(DefaultBackoff)
	}
	if d.CatchUp == "" {
		d.CatchUp = CatchUpAll
	}
	if d.Keep == 0 {
		d.Keep = DefaultKeep
	}
	if d.RequireComplete && d.WaitUpTo == 0 {
		d.WaitUpTo = Duration(DefaultWait)
	}
	for i := range d.Notices {
		if d.Notices[i].When == "" {
			d.Notices[i].When = NoticeChanged
		}
	}
}

// Validate reports everything that is wrong with a definition, as errors that wrap
// ErrInvalid. Whether there is such a report, store or period is for others to say.
func (d *Definition) Validate() error {
	var errs []error
	wrong := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...))
	}
	if !validName.MatchString(d.Name) {
		wrong("name %q: it has lower-case letters, digits, - and _, at most 63", d.Name)
	}
	if _, err := ParseTimes(d.Cron, d.TimeZone); err != nil {
		wrong("%w", err)
	}
	if d.Report == "" {
		wrong("no report is named")
	}
	if len(d.To) == 0 {
		wrong("no folder or s3:// place for the reports")
	}
	for i, to := range d.To {
		if to == "" || slices.Contains(d.To[:i], to) {
			wrong("place %q: it is empty or given twice", to)
		}
	}
	if d.Attempts < 1 || d.Attempts > 100 {
		wrong("%d attempts: it is 1 to 100", d.Attempts)
	}
	if b := time.Duration(d.Backoff); b < time.Second || b > MaxBackoff {
		wrong("back-off of %s: it is 1s to %s", b, MaxBackoff)
	}
	if d.CatchUp != CatchUpAll && d.CatchUp != CatchUpLast {
		wrong("catch-up %q: it is %s or %s", d.CatchUp, CatchUpAll, CatchUpLast)
	}
	if d.Keep < 1 {
		wrong("%d runs to keep: it is at least 1", d.Keep)
	}
	if d.WaitUpTo < 0 || d.WaitUpTo > 0 && !d.RequireComplete {
		wrong("waiting %s: it is for schedules that require complete data", time.Duration(d.WaitUpTo))
	}
	if d.Link != "" {
		if u, err := url.Parse(d.Link); err != nil || u.Host == "" || u.User != nil {
			wrong("link: it is a URL without user and password")
		}
	}
	for i, n := range d.Notices {
		if err := n.validate(); err != nil {
			wrong("notice %d (%s): %w", i+1, n.Kind, err)
		}
	}
	return errors.Join(errs...)
}

// validate names no value that may be secret.
func (n Notice) validate() error {
	if n.When != NoticeAlways && n.When != NoticeChanged {
		return fmt.Errorf("when %q: it is %s or %s", n.When, NoticeChanged, NoticeAlways)
	}
	if n.Secret != "" && (n.Kind != NoticeWebhook || !IsReference(n.Secret)) {
		return errors.New("the signing key is for webhooks, and given as env:NAME or file:PATH")
	}
	if n.Kind != NoticeEmail && n.SMTP+n.From+n.User+n.Password != "" {
		return errors.New("server, sender, user and password are for e-mail")
	}
	switch n.Kind {
	case NoticeSlack:
		if !IsReference(n.To) {
			return errors.New("the URL of Slack is a secret; give env:NAME or file:PATH, where it is found")
		}
	case NoticeWebhook:
		if IsReference(n.To) {
			return nil
		}
		u, err := url.Parse(n.To)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return errors.New("it has no URL; give https://…, or env:NAME or file:PATH, where it is found")
		}
		if u.User != nil || u.RawQuery != "" {
			return errors.New("a URL with a password or a query may be a secret; give env:NAME or file:PATH, where it is found")
		}
	case NoticeSNS:
		if !topicARN.MatchString(n.To) {
			return fmt.Errorf("%q is no ARN of an SNS topic", n.To)
		}
	case NoticeEmail:
		return n.validateEmail()
	default:
		return fmt.Errorf("it is %s, %s, %s or %s", NoticeWebhook, NoticeSlack, NoticeSNS, NoticeEmail)
	}
	return nil
}

func (n Notice) validateEmail() error {
	if IsReference(n.SMTP) {
		return errors.New("the server is no secret; give smtp://HOST:PORT")
	}
	u, err := url.Parse(n.SMTP)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/")+u.RawQuery != "" {
		return errors.New("the server is smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT; user and password are given by themselves")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
			return fmt.Errorf("the server's port is %s: it is 1 to 65535", port)
		}
	}
	if (n.User == "") != (n.Password == "") {
		return errors.New("user and password go together")
	}
	if n.Password != "" && !IsReference(n.Password) {
		return errors.New("the password is given as env:NAME or file:PATH, where it is found")
	}
	if n.From == "" {
		return errors.New("it has no sender")
	}
	for _, a := range append(strings.Split(n.To, ","), n.From) {
		if !strings.Contains(a, "@") || strings.ContainsAny(a, "\r\n") {
			return fmt.Errorf("%q is no e-mail address", a)
		}
	}
	return nil
}

// Place returns the folder of the schedule's reports below one of its places.
func (d *Definition) Place(to string) string { return strings.TrimSuffix(to, "/") + "/" + d.Name }

// Paused reports whether the schedule is paused.
func (d *Definition) Paused() bool {
	return len(d.Pauses) > 0 && d.Pauses[len(d.Pauses)-1].Until.IsZero()
}

// pausedAt reports whether the schedule was paused at a time.
func (d *Definition) pausedAt(t time.Time) bool {
	return slices.ContainsFunc(d.Pauses, func(s Span) bool { return s.holds(t) })
}
