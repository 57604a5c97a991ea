package gen

// A session is a principal's credentials for some time. All its calls carry the same
// identity, byte for byte.
type session struct {
	p        *principal
	identity string // userIdentity
	arn      []byte
	name     string
	key      string
	addr     int
	agent    []byte
	bracket  []byte // the agent as S3 writes it
	console  bool
	mfa      bool
	tls13    bool
	created  int64
	expires  int64
}

// lifetimes gives the shortest and the longest session by kind, in seconds. Kinds
// that are absent have credentials that do not expire.
var lifetimes = map[kind][2]int{
	kindSSO: {3600, 28800}, kindConsole: {43200, 43200}, kindPipeline: {900, 3600}, kindInstance: {21600, 21600},
	kindFunction: {43200, 43200}, kindPod: {3600, 86400}, kindVendor: {3600, 3600}, kindLinked: {900, 3600}, kindRoot: {3600, 3600},
}

// session returns the open session of p at time t, and opens one if it must, which
// writes the events of opening.
func (u *unit) session(p *principal, t int64) *session {
	s := u.sessions[p]
	if s != nil && t < s.expires {
		return s
	}
	s = u.newSession(p, t)
	u.sessions[p] = s
	u.announce(s)
	return s
}

func (u *unit) newSession(p *principal, t int64) *session {
	agent := u.rnd.below(len(p.agents))
	s := &session{
		p: p, name: p.session, mfa: p.mfa, addr: p.addrs[u.rnd.below(len(p.addrs))], tls13: u.rnd.chance(0.9),
		created: t - int64(u.rnd.below(3)), expires: 1 << 62, agent: []byte(p.agents[agent]),
	}
	if u.rnd.chance(0.6) {
		s.addr = p.addrs[0]
	}
	if life, ok := lifetimes[p.kind]; ok {
		s.expires = s.created + int64(life[0]+u.rnd.below((life[1]-life[0])/900+1)*900)
	}
	s.console = p.kind == kindConsole || p.kind == kindRoot || p.kind == kindSSO && agent == 0
	s.bracket = append(append([]byte("["), s.agent...), ']')
	if s.console {
		s.bracket = []byte("[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.792 Linux/5.10.244-267.968.amzn2int.x86_64 OpenJDK_64-Bit_Server_VM/25.462-b08 java/1.8.0_462 vendor/Oracle_Corporation cfg/retry-mode/standard]")
	}
	if s.name == "" {
		switch p.kind {
		case kindPipeline:
			s.name = "aws-go-sdk-" + string(appendInt(nil, s.created)) + digits(u.rnd.u64(), 9)
		default:
			s.name = string(appendInt(nil, s.created)) + digits(u.rnd.u64(), 9)
		}
	}
	s.key = p.key
	if s.key == "" {
		s.key = string(u.rnd.appendDigits([]byte("ASIA"+p.acct.keys), 8, keyDigits))
	}
	s.identify()
	return s
}

func (s *session) identify() {
	p := s.p
	b := []byte(`{"type":"`)
	switch p.kind {
	case kindService:
		s.identity = `{"type":"AWSService","invokedBy":"` + p.service + `"}`
		return
	case kindUser, kindConsole:
		s.arn = []byte(p.arn)
		b = append(b, `IAMUser","principalId":"`+p.id+`","arn":"`+p.arn+`","accountId":"`+p.acct.id+`","accessKeyId":"`+s.key+`","userName":"`+p.name+`"`...)
		if p.kind == kindConsole {
			b = append(b, `,"sessionContext":{`...)
			b = append(s.attributes(b), '}')
		}
	case kindRoot:
		s.arn = []byte(p.arn)
		b = append(b, `Root","principalId":"`+p.id+`","arn":"`+p.arn+`","accountId":"`+p.acct.id+`","accessKeyId":"`+s.key+`","sessionContext":{`...)
		b = append(s.attributes(b), '}')
	default:
		s.arn = []byte("arn:aws:sts::" + p.acct.id + ":assumed-role/" + p.name + "/" + s.name)
		b = append(b, `AssumedRole","principalId":"`+p.id+`:`+s.name+`","arn":"`+string(s.arn)+`","accountId":"`+p.acct.id+`"`...)
		if p.kind != kindLinked {
			b = append(b, `,"accessKeyId":"`+s.key+`"`...)
		}
		b = append(b, `,"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"`+p.id+`","arn":"`+p.roleARN+`","accountId":"`+p.acct.id+`","userName":"`+p.name+`"},`...)
		if p.kind == kindPod {
			b = append(b, `"webIdFederationData":{"federatedProvider":"`+p.provider+`","attributes":{}},`...)
		}
		b = s.attributes(b)
		if p.kind == kindInstance {
			b = append(b, `,"ec2RoleDelivery":"2.0"`...)
		}
		b = append(b, '}')
		if p.kind == kindLinked {
			b = append(b, `,"invokedBy":"`+p.service+`"`...)
		}
	}
	s.identity = string(append(b, '}'))
}

func (s *session) attributes(b []byte) []byte {
	b = append(b, `"attributes":{"creationDate":"`...)
	b = appendTime(b, s.created)
	b = append(b, `","mfaAuthenticated":"`...)
	if s.mfa && s.console {
		return append(b, `true"}`...)
	}
	return append(b, `false"}`...)
}

// announce writes what opening a session logs.
func (u *unit) announce(s *session) {
	p := s.p
	if p.kind == kindUser || p.kind == kindService || u.left == 0 {
		return
	}
	u.begin()
	u.opening = s
	c := call{to: p.acct, time: s.created, addr: s.addr, agent: s.agent, sess: s, tls: true}
	u.region = u.homeOf(p)
	cat := u.w.catalog
	switch p.kind {
	case kindConsole, kindRoot:
		if u.left > 1 && u.rnd.chance(0.08) {
			u.failedLogin(s)
		}
		c.ev, c.agent = cat.named("signin:ConsoleLogin"), []byte(p.agents[0])
		c.identity = `{"type":"IAMUser","principalId":"` + p.id + `","arn":"` + p.arn + `","accountId":"` + p.acct.id + `","userName":"` + p.name + `"}`
		if p.kind == kindRoot {
			c.identity = `{"type":"Root","principalId":"` + p.id + `","arn":"` + p.arn + `","accountId":"` + p.acct.id + `","accessKeyId":""}`
		}
		c.login, c.root = true, p.kind == kindRoot
	case kindSSO:
		c.ev = cat.named("start:saml")
		c.identity = `{"type":"SAMLUser","principalId":"` + u.rnd.digits(27, base64Digits) + `=:` + s.name + `","userName":"` + s.name + `","identityProvider":"` + u.rnd.digits(27, base64Digits) + `="}`
	case kindPod:
		c.ev = cat.named("start:web")
		c.identity = `{"type":"WebIdentityUser","principalId":"` + p.provider + `:sts.amazonaws.com:` + p.subject + `","userName":"` + p.subject + `","identityProvider":"` + p.provider + `"}`
	case kindVendor:
		c.ev, c.shared = cat.named("start:vendor"), u.uuid()
		c.identity = `{"type":"AWSAccount","principalId":"AROA` + key(p.acct.seed, 17) + `:scanner","accountId":"` + p.acct.outside + `"}`
	case kindInstance, kindFunction, kindLinked:
		service := map[kind]string{kindInstance: "ec2.amazonaws.com", kindFunction: "lambda.amazonaws.com", kindLinked: p.service}[p.kind]
		c.ev, c.shared, c.tls = cat.named("start:service"), u.uuid(), false
		c.identity = `{"type":"AWSService","invokedBy":"` + service + `"}`
		c.addr, c.agent = u.w.serviceAddress(service), []byte(service)
	case kindPipeline:
		u.assume(s, &c)
		return
	}
	u.emit(&c)
}

// assume writes the pipeline's AssumeRole: one record, or for a role of another
// account one in each of the two accounts if there is room for both.
func (u *unit) assume(s *session, c *call) {
	p, caller := s.p, s.p.caller
	c.ev = u.w.catalog.named("start:role")
	if u.rnd.chance(0.4) {
		c.ev = u.w.catalog.named("start:role global")
	}
	mine := `{"type":"IAMUser","principalId":"` + caller.id + `","arn":"` + caller.arn + `","accountId":"` + caller.acct.id + `","accessKeyId":"` + caller.key + `","userName":"` + caller.name + `"}`
	if caller.acct == p.acct {
		c.identity = mine
		u.emit(c)
		return
	}
	c.shared = u.uuid()
	if u.left > 1 {
		c.identity = mine
		c.to = caller.acct
		u.emit(c)
		u.stats.pairs++
	}
	c.to = p.acct
	c.identity = `{"type":"AWSAccount","principalId":"` + caller.id + `","accountId":"` + caller.acct.id + `"}`
	u.emit(c)
}

func (u *unit) failedLogin(s *session) {
	p := s.p
	c := call{ev: u.w.catalog.named("signin:failed"), to: p.acct, time: s.created - int64(5+u.rnd.below(20)), addr: s.addr, agent: []byte(p.agents[0]), sess: s, tls: true, login: true}
	c.fail = &c.ev.errors[0]
	c.identity = `{"type":"IAMUser","principalId":"` + p.id + `","accountId":"` + p.acct.id + `","accessKeyId":"","userName":"` + p.name + `"}`
	if p.kind == kindRoot {
		c.identity = `{"type":"Root","principalId":"` + p.id + `","arn":"` + p.arn + `","accountId":"` + p.acct.id + `","accessKeyId":""}`
		c.root = true
	}
	u.emit(&c)
}
