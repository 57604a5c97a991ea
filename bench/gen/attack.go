package gen

import "bytes"

// attack is the planted attack: a leaked key of the first account's backup user is
// used from an address that was never seen before.
type attack struct {
	w       *world
	seed    uint64
	start   int64
	victim  *principal
	outside string
	addrs   []int
	steps   []attackStep
	user    string // the user that the attacker makes
}

type who uint8

const (
	asLeaked who = iota
	asRole       // a role of another account
	asNew        // the new user, at the console
)

// attackStep is one call, or repeat calls, of an attack.
type attackStep struct {
	after   int // seconds since the step before
	as      who
	ev      *event
	fail    *failure
	repeat  int
	what    string
	assumes bool
}

// attackEvents are actions that the catalog has not, or has with other parameters.
// Their labels start with "attack:".
var attackEvents = []event{
	{label: "attack:whoami", service: "sts", action: "GetCallerIdentity"},
	{label: "attack:ListUsers", service: "iam", action: "ListUsers", global: true, copied: true, host: "iam.amazonaws.com"},
	{label: "attack:ListRoles", service: "iam", action: "ListRoles", global: true, copied: true, host: "iam.amazonaws.com"},
	{label: "attack:Authorization", service: "iam", action: "GetAccountAuthorizationDetails", global: true, copied: true, host: "iam.amazonaws.com"},
	{label: "attack:CreateUser", service: "iam", action: "CreateUser", write: true, global: true, copied: true, host: "iam.amazonaws.com", request: `{"userName":"<x-user>"}`,
		response: `{"user":{"path":"/","userName":"<x-user>","userId":"<x-user-id>","arn":"arn:aws:iam::<account>:user/<x-user>","createDate":"<date>"}}`},
	{label: "attack:CreateAccessKey", service: "iam", action: "CreateAccessKey", write: true, global: true, copied: true, host: "iam.amazonaws.com", request: `{"userName":"<x-user>"}`,
		response: `{"accessKey":{"userName":"<x-user>","accessKeyId":"<x-user-key>","status":"Active","createDate":"<date>"}}`},
	{label: "attack:AttachUserPolicy", service: "iam", action: "AttachUserPolicy", write: true, global: true, copied: true, host: "iam.amazonaws.com", request: `{"userName":"<x-user>","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}`},
	{label: "attack:CreateLoginProfile", service: "iam", action: "CreateLoginProfile", write: true, global: true, copied: true, host: "iam.amazonaws.com", request: `{"userName":"<x-user>","passwordResetRequired":false}`,
		response: `{"loginProfile":{"userName":"<x-user>","createDate":"<date>","passwordResetRequired":false}}`},
	{label: "attack:ConsoleLogin", service: "signin", action: "ConsoleLogin", write: true, global: true, kind: "AwsConsoleSignIn", noRequest: true, host: "us-east-1.signin.aws.amazon.com",
		response: `{"ConsoleLogin":"Success"}`, extra: `{"LoginTo":"https://console.aws.amazon.com/console/home?hashArgs=%23&isauthcode=true&state=hashArgsFromTB_<region>_<hex-12>","MobileVersion":"No","MFAUsed":"No"}`},
	{label: "attack:GetSecretValue", service: "secretsmanager", action: "GetSecretValue", request: `{"secretId":"` + secretARN + `"}`},
	{label: "attack:StopLogging", service: "cloudtrail", action: "StopLogging", write: true, request: `{"name":"arn:aws:cloudtrail:us-east-1:<account>:trail/<trail>"}`},
	{label: "attack:DeleteTrail", service: "cloudtrail", action: "DeleteTrail", write: true, request: `{"name":"arn:aws:cloudtrail:us-east-1:<account>:trail/<trail>"}`},
	{label: "attack:OpenSecurityGroup", service: "ec2", action: "AuthorizeSecurityGroupIngress", write: true,
		request:  `{"groupId":"<x-group>","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}`,
		response: `{"requestId":"<request>","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"<account>","groupId":"<x-group>","securityGroupRuleId":"<new-sgr>","isEgress":false,"ipProtocol":"tcp","fromPort":22,"toPort":22,"cidrIpv4":"0.0.0.0/0"}]}}`},
	{label: "attack:CreateSnapshot", service: "ec2", action: "CreateSnapshot", write: true, request: `{"volumeId":"<id-vol>"}`,
		response: `{"requestId":"<request>","snapshotId":"<x-snapshot>","volumeId":"<id-vol>","status":"pending","startTime":<nowms>,"progress":"","ownerId":"<account>","volumeSize":"200","encrypted":false}`},
	{label: "attack:ShareSnapshot", service: "ec2", action: "ModifySnapshotAttribute", write: true,
		request:  `{"snapshotId":"<x-snapshot>","createVolumePermission":{"add":{"items":[{"userId":"<x-outside>"}]}},"attributeType":"CREATE_VOLUME_PERMISSION"}`,
		response: `{"requestId":"<request>","_return":true}`},
	{label: "attack:GetBucketPolicy", service: "s3", action: "GetBucketPolicy", request: `{"bucketName":"<bucket>","Host":"` + s3Host + `","policy":""}`, extra: s3Extra, resources: s3Bucket, host: s3Host},
	{label: "attack:ListObjects", service: "s3", action: "ListObjects", data: true, request: `{"list-type":"2","bucketName":"<x-bucket>","Host":"<x-bucket>.s3.<region>.amazonaws.com","encoding-type":"url"}`, extra: s3Extra, host: "<x-bucket>.s3.<region>.amazonaws.com",
		resources: `[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::<x-bucket>/"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<x-bucket>"}]`},
	{label: "attack:GetObject", service: "s3", action: "GetObject", data: true, request: `{"bucketName":"<x-bucket>","Host":"<x-bucket>.s3.<region>.amazonaws.com","key":"<object>"}`, host: "<x-bucket>.s3.<region>.amazonaws.com",
		resources: `[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::<x-bucket>/<object>"},{"accountId":"<account>","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::<x-bucket>"}]`,
		extra:     `{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"SSEApplied":"Default_SSE_S3","AuthenticationMethod":"AuthHeader","x-amz-id-2":"<b64-75>=","bytesTransferredOut":<bytes>}`},
	{label: "attack:DeleteUser", service: "iam", action: "DeleteLoginProfile", write: true, global: true, copied: true, host: "iam.amazonaws.com", request: `{"userName":"<x-user>"}`},
}

// plantedSteps is the attack in order: seconds after the step before, who, what, how
// often, whether it is denied, and why it is there.
var plantedSteps = []struct {
	after  int
	as     who
	event  string
	repeat int
	denied bool
	what   string
}{
	{0, asLeaked, "attack:whoami", 1, false, "the leaked access key is tried from a new address"},
	{21, asLeaked, "iam:GetUser", 1, true, "enumeration: denied"},
	{3, asLeaked, "attack:ListUsers", 1, false, "enumeration of users"},
	{4, asLeaked, "attack:ListRoles", 1, false, "enumeration of roles"},
	{2, asLeaked, "attack:Authorization", 1, true, "enumeration: denied"},
	{6, asLeaked, "s3:ListBuckets", 1, false, "enumeration of buckets"},
	{5, asLeaked, "attack:GetBucketPolicy", 6, true, "enumeration of bucket policies: denied"},
	{3, asLeaked, "ec2:DescribeSnapshots", 1, true, "enumeration: denied"},
	{2, asLeaked, "rds:DescribeDBInstances", 1, true, "enumeration: denied"},
	{4, asLeaked, "lambda:ListFunctions20150331", 1, true, "enumeration: denied"},
	{7, asLeaked, "secretsmanager:ListSecrets", 1, false, "enumeration of secrets"},
	{240, asLeaked, "attack:CreateUser", 1, false, "persistence: a user that looks like a service's"},
	{9, asLeaked, "attack:AttachUserPolicy", 1, false, "persistence: administrator rights for the new user"},
	{6, asLeaked, "attack:CreateAccessKey", 1, false, "persistence: an access key for the new user"},
	{8, asLeaked, "attack:CreateLoginProfile", 1, false, "persistence: a console password for the new user"},
	{180, asNew, "attack:ConsoleLogin", 1, false, "the new user signs in to the console without MFA"},
	{55, asNew, "ec2:DescribeInstances", 2, false, "a look around in the console"},
	{90, asNew, "attack:OpenSecurityGroup", 1, false, "a security group is opened to 0.0.0.0/0 on port 22"},
	{140, asLeaked, "start:role", 1, false, "lateral movement: a role in another account is assumed"},
	{11, asRole, "attack:whoami", 1, false, "the role is tried"},
	{13, asRole, "attack:GetSecretValue", 7, false, "credential access: secrets are read"},
	{60, asRole, "attack:CreateSnapshot", 1, false, "a snapshot of a volume is made"},
	{50, asRole, "attack:ShareSnapshot", 1, false, "exfiltration: the snapshot is shared with an outside account"},
	{120, asRole, "attack:ListObjects", 3, false, "a bucket is listed"},
	{15, asRole, "attack:GetObject", 60, false, "exfiltration: objects are read"},
	{40, asRole, "attack:StopLogging", 1, true, "defence evasion: stopping the trail is denied"},
	{8, asRole, "attack:DeleteTrail", 1, true, "defence evasion: deleting the trail is denied"},
	{70, asNew, "attack:StopLogging", 1, false, "defence evasion: the trail is stopped"},
	{30, asLeaked, "attack:DeleteUser", 1, false, "the tracks are wiped: the console password is removed"},
}

func newAttack(w *world, r *random) *attack {
	for _, e := range attackEvents {
		w.catalog.add(e)
	}
	a := &attack{w: w, seed: r.u64(), outside: accountID(r), user: "svc-" + part(r.u64()) + "-sync"}
	for _, p := range w.accounts[0].principals {
		if p.kind == kindUser && p.name == "svc-backup" {
			a.victim = p
		}
	}
	a.addrs = []int{w.publicAddress(r), w.publicAddress(r)}
	// In the early morning of a day in the last third of the period.
	day := w.c.Days * 2 / 3
	a.start = w.c.Start.AddDate(0, 0, day).Unix() + int64(2*3600+r.below(3600))
	for _, s := range plantedSteps {
		step := attackStep{after: s.after, as: s.as, ev: w.catalog.named(s.event), repeat: s.repeat, what: s.what, assumes: s.event == "start:role"}
		if s.denied {
			if step.fail = w.catalog.denied[step.ev.service]; step.fail == nil {
				step.fail = w.catalog.denied[""]
			}
		}
		a.steps = append(a.steps, step)
	}
	return a
}

// write writes the attack's records and returns what it did.
func (a *attack) write(u *unit, o *outbox) (*Attack, error) {
	w := a.w
	home, other := w.accounts[0], w.accounts[min(1, len(w.accounts)-1)]
	u.rnd, u.out, u.left = newRandom(a.seed), o, AttackRecords
	leaked := u.newSession(a.victim, a.start)
	leaked.addr, leaked.agent = a.addrs[0], []byte(agentIntruder)
	leaked.bracket = append(append([]byte("["), leaked.agent...), ']')
	made := &principal{kind: kindConsole, use: 'H', acct: home, name: a.user, id: "AIDA" + home.keys + u.rnd.digits(9, keyDigits), arn: "arn:aws:iam::" + home.id + ":user/" + a.user, addrs: a.addrs[1:], agents: []string{agentFirefox}}
	console := u.newSession(made, a.start+460)
	console.console = true
	console.identify()
	role := &principal{kind: kindPipeline, use: 'T', acct: other, name: "cross-account-backup", id: "AROA" + other.keys + u.rnd.digits(9, keyDigits), addrs: a.addrs[:1], agents: []string{string(leaked.agent)}, session: "backup", caller: a.victim}
	role.roleARN = "arn:aws:iam::" + other.id + ":role/" + role.name
	sessions := []*session{leaked, nil, console}
	u.vars = map[string]string{
		"user": a.user, "user-id": made.id, "user-key": "AKIA" + home.keys + u.rnd.digits(8, keyDigits), "outside": a.outside,
		"group": "sg-0" + string(appendHex(nil, u.rnd.u64(), 16)), "snapshot": "snap-0" + string(appendHex(nil, u.rnd.u64(), 16)),
		"bucket": other.pools[poolBucket][0],
	}
	out := &Attack{AccessKeyID: a.victim.key, Principal: a.victim.arn, OutsideAccount: a.outside, Accounts: []string{home.id}}
	if other != home {
		out.Accounts = append(out.Accounts, other.id)
	}
	for _, i := range a.addrs {
		out.Addresses = append(out.Addresses, string(w.addresses[i].text))
	}
	t := a.start
	for _, step := range a.steps {
		t += int64(step.after)
		for i := range step.repeat {
			if i > 0 {
				t += int64(1 + u.rnd.below(6))
			}
			u.begin()
			u.region = 0
			if step.assumes {
				sessions[asRole] = u.newSession(role, t)
				sessions[asRole].created, sessions[asRole].expires = t, t+3600
				sessions[asRole].addr, sessions[asRole].bracket = a.addrs[0], leaked.bracket
				sessions[asRole].identify()
				u.opening = sessions[asRole]
			}
			a.call(u, sessions[step.as], step, t, out)
		}
		if err := o.flush(u); err != nil {
			return nil, err
		}
	}
	return out, a.root(u, o)
}

// root writes what an auditor must tell from the attack: a root user who signs in
// with MFA, looks at the account and leaves, ten days before.
func (a *attack) root(u *unit, o *outbox) error {
	for _, p := range a.w.accounts[0].principals {
		if p.kind != kindRoot {
			continue
		}
		u.acct, u.sessions = p.acct, map[*principal]*session{}
		t := max(a.start-10*86400, a.w.c.Start.Unix()) + 9*3600
		s := u.session(p, t)
		for i, name := range []string{"iam:GetAccountSummary", "iam:ListMFADevices", "iam:ListAccessKeys", "organizations:DescribeOrganization"} {
			u.begin()
			c := call{ev: a.w.catalog.named(name), to: p.acct, time: t + int64(20+25*i), addr: s.addr, agent: s.agent, sess: s, identity: s.identity, tls: true, console: true, root: true}
			u.emit(&c)
		}
	}
	return o.flush(u)
}

// call writes one step and notes its records.
func (a *attack) call(u *unit, s *session, step attackStep, t int64, out *Attack) {
	u.acct = s.p.acct
	c := call{ev: step.ev, to: s.p.acct, time: t, addr: s.addr, agent: s.agent, sess: s, tls: true, fail: step.fail, identity: s.identity}
	switch {
	case step.ev.service == "s3":
		c.agent = s.bracket
	case step.ev.service == "signin":
		c.login = true
		c.identity = `{"type":"IAMUser","principalId":"` + s.p.id + `","arn":"` + s.p.arn + `","accountId":"` + s.p.acct.id + `","userName":"` + s.p.name + `"}`
	case s.console:
		c.console = true
	}
	note := func() {
		code := ""
		if c.fail != nil {
			code = c.fail.code
		}
		out.Steps = append(out.Steps, AttackStep{
			EventID: string(bytes.Clone(c.eventID)), Time: utc(t), EventSource: c.ev.source, EventName: c.ev.action, Region: regionNames[u.region], Account: c.to.id,
			Principal: string(s.arn), SourceIPAddress: string(a.w.addresses[c.addr].text), ErrorCode: code, Description: step.what,
		})
	}
	if step.assumes && u.opening.p.acct != s.p.acct {
		c.shared = u.uuid()
		u.emit(&c)
		note()
		c.to = u.opening.p.acct
		c.identity = `{"type":"AWSAccount","principalId":"` + s.p.id + `","accountId":"` + s.p.acct.id + `"}`
		u.stats.pairs++
	}
	u.emit(&c)
	note()
}
