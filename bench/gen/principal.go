package gen

import "strings"

// A kind says how a principal gets its credentials.
type kind uint8

const (
	kindSSO      kind = iota // a person, by SAML, into a role
	kindConsole              // a person, by user name and password
	kindUser                 // a long-lived access key
	kindPipeline             // a role assumed by the pipeline's user in the first account
	kindInstance             // an EC2 instance's role
	kindFunction             // a Lambda function's role
	kindPod                  // a role assumed with a cluster's token
	kindVendor               // a role assumed from another organization's account
	kindLinked               // a service-linked role
	kindService              // a service as itself
	kindRoot
)

// A principal is somebody or something that makes calls.
type principal struct {
	kind     kind
	use      byte // the column of the catalog that it draws its calls from
	acct     *account
	name     string // of the user or the role
	id       string // AIDA… or AROA…
	arn      string // of the user; of roles see session
	roleARN  string
	session  string // a fixed session name, or ""
	key      string // a long-lived access key
	service  string // DNS name, for kindLinked and kindService
	provider string
	subject  string
	mfa      bool
	vpce     bool // calls through VPC endpoints
	home     int  // region, or -1 for any
	addrs    []int
	agents   []string
	weight   float64
	data     float64 // weight for data events
	caller   *principal
}

func (a *account) role(r *random, path, name string, p principal) *principal {
	p.acct = a
	p.name = name
	p.id = "AROA" + a.keys + r.digits(9, keyDigits)
	p.roleARN = "arn:aws:iam::" + a.id + ":role" + path + name
	a.principals = append(a.principals, &p)
	return &p
}

func (a *account) user(r *random, name string, p principal) *principal {
	p.acct = a
	p.name = name
	p.id = "AIDA" + a.keys + r.digits(9, keyDigits)
	p.key = "AKIA" + a.keys + r.digits(8, keyDigits)
	p.arn = "arn:aws:iam::" + a.id + ":user/" + name
	a.principals = append(a.principals, &p)
	return &p
}

const (
	agentCLI       = "aws-cli/2.31.4 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 md/arch#arm64 lang/python#3.13.7 cfg/retry-mode#standard md/installer#exe md/prompt#off"
	agentCLILinux  = "aws-cli/2.27.0 md/awscrt#0.26.1 ua/2.1 os/linux#6.8.0-1021-aws md/arch#x86_64 lang/python#3.12.6 md/installer#exe md/prompt#off"
	agentTerraform = "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) terraform-provider-aws/6.14.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.2 ua/2.1 os/linux lang/go#1.24.6"
	agentBoto      = "Boto3/1.34.162 md/Botocore#1.34.162 ua/2.0 os/linux#6.1.147 md/arch#x86_64 lang/python#3.12.11 Botocore/1.34.162"
	agentLambda    = "Boto3/1.40.4 md/Botocore#1.40.4 ua/2.1 os/linux lang/python#3.13.5 exec-env/AWS_Lambda_python3.13 Botocore/1.40.4"
	agentJava      = "aws-sdk-java/2.33.8 md/io#sync md/http#Apache ua/2.1 os/Linux#5.10.240 lang/java#21.0.8 m/D,N,e"
	agentGo        = "aws-sdk-go-v2/1.38.1 ua/2.1 os/linux lang/go#1.24.5 md/GOOS#linux md/GOARCH#arm64 m/E,g"
	agentNode      = "aws-sdk-js/3.883.0 ua/2.1 os/linux#6.1.147 lang/js md/nodejs#22.18.0 m/E,b"
	agentSSM       = "aws-sdk-go/1.55.7 (go1.23.8; linux; amd64) amazon-ssm-agent/3.3.2299.0"
	agentChrome    = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
	agentFirefox   = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
	agentMac       = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"
	agentKube      = "aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.2 md/GOARCH#amd64 api/ec2#1.211.3 elbv2.k8s.aws/v2.13.2"
	agentIntruder  = "aws-cli/2.15.30 Python/3.11.8 Linux/6.6.15-amd64 exe/x86_64.kali.2024 prompt/off"
)

var browsers = []string{agentChrome, agentFirefox, agentMac}

func (w *world) people(r *random, a *account, offices []int) {
	for i := range 10 {
		set := [...]string{"AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "DataAnalyst"}[i%4]
		login := invented(r.u64())
		home := w.publicAddress(r)
		if i%5 == 4 {
			home = w.v6Address(r)
		}
		p := a.role(r, "/aws-reserved/sso.amazonaws.com/", "AWSReservedSSO_"+set+"_"+string(appendHex(nil, mix(a.seed, uint64(i%4)), 16)), principal{
			kind: kindSSO, use: 'H', session: login + "@quorvex-" + w.org[2:6] + ".com", mfa: true, home: -1,
			addrs: []int{offices[r.below(3)], offices[0], home}, agents: []string{browsers[i%3], agentCLI},
			weight: 0.9 / float64(i+1), data: 0.05 / float64(i+1),
		})
		p.provider = "arn:aws:iam::" + a.id + ":saml-provider/AWSSSO_" + string(appendHex(nil, a.seed, 16)) + "_DO_NOT_DELETE"
		// One role is shared by all who hold the permission set.
		for _, q := range a.principals {
			if q.name == p.name {
				p.id = q.id
			}
		}
	}
	for i := range 3 {
		a.user(r, a.pools[poolUser][i], principal{
			kind: kindConsole, use: 'H', mfa: i != 2, home: -1, addrs: []int{offices[i], w.publicAddress(r)},
			agents: []string{browsers[i]}, weight: 0.12 / float64(i+1),
		})
	}
	for i, name := range []string{"svc-ci", "svc-backup", "svc-metrics"} {
		use := "TCC"[i]
		addr := []int{w.cloudAddress(r), w.cloudAddress(r)}
		a.user(r, name, principal{
			kind: kindUser, use: use, home: -1, addrs: addr, agents: []string{agentCLILinux, agentBoto},
			weight: 2.2 / float64(i+1), data: 1,
		})
	}
	a.principals = append(a.principals, &principal{
		kind: kindRoot, use: 'H', acct: a, id: a.id, arn: "arn:aws:iam::" + a.id + ":root", mfa: a.index%2 == 0,
		addrs: offices[:1], agents: []string{agentFirefox}, weight: 0.004, home: 0,
	})
}

func (w *world) workloads(r *random, a *account) {
	gateways := []int{w.cloudAddress(r), w.cloudAddress(r)}
	caller := w.accounts[0].pipelineUser()
	for i := range 3 {
		a.role(r, "/", "terraform-deploy-"+stage(a.seed>>uint(8*i)), principal{
			kind: kindPipeline, use: 'T', home: -1, addrs: []int{w.cloudAddress(r), w.cloudAddress(r), w.cloudAddress(r)},
			agents: []string{agentTerraform}, weight: 1.4 / float64(i+1), caller: caller,
		})
	}
	for i := range 8 {
		name := a.pools[poolRole][i]
		id := ""
		for j := range 4 {
			addrs, vpce := []int{gateways[i%2]}, (i+j)%3 == 0
			if vpce {
				addrs = []int{w.privateAddress(r)}
			}
			p := a.role(r, "/", name, principal{
				kind: kindInstance, use: 'A', home: i % max(1, w.c.Regions/2), addrs: addrs, vpce: vpce,
				session: "i-0" + string(appendHex(nil, r.u64(), 16)),
				agents:  []string{agentBoto, agentJava, agentGo}[i%3 : i%3+1],
				weight:  1.6 / float64(i+1), data: 2 / float64(i+1),
			})
			if id == "" {
				id = p.id
			}
			p.id = id // instances of one role share its id
		}
	}
	for i := range 12 {
		name := a.pools[poolFunction][i]
		a.role(r, "/service-role/", name+"-exec", principal{
			kind: kindFunction, use: 'L', home: i % max(1, w.c.Regions/2), addrs: []int{w.cloudAddress(r), w.cloudAddress(r)},
			session: name, agents: []string{agentLambda, agentNode}[i%2 : i%2+1], weight: 1 / float64(i+1), data: 2 / float64(i+1),
		})
	}
	for i, name := range []string{"karpenter", "aws-load-balancer-controller", "external-dns", "cluster-autoscaler"} {
		issuer := "oidc.eks." + regionNames[0] + ".amazonaws.com/id/" + strings.ToUpper(string(appendHex(appendHex(nil, a.seed, 16), mix(a.seed, 3), 16)))
		a.role(r, "/", name+"-"+stage(a.seed), principal{
			kind: kindPod, use: 'K', home: 0, addrs: gateways, agents: []string{agentKube}, weight: 1.2 / float64(i+1),
			provider: "arn:aws:iam::" + a.id + ":oidc-provider/" + issuer, subject: "system:serviceaccount:kube-system:" + name,
		})
	}
	a.role(r, "/", "posture-scanner", principal{
		kind: kindVendor, use: 'S', home: -1, addrs: []int{w.cloudAddress(r), w.cloudAddress(r)}, session: "posture-scan",
		agents: []string{agentGo}, weight: 1.6,
	})
}

func (w *world) services(r *random, a *account) {
	for i, s := range [...][2]string{
		{"config", "Config"}, {"autoscaling", "AutoScaling"}, {"inspector2", "AmazonInspector2"}, {"securityhub", "SecurityHub"},
		{"ecs", "ECS"}, {"access-analyzer", "AccessAnalyzer"}, {"rds", "RDS"},
	} {
		dns := s[0] + ".amazonaws.com"
		a.role(r, "/aws-service-role/"+dns+"/", "AWSServiceRoleFor"+s[1], principal{
			kind: kindLinked, use: 'S', service: dns, home: -1, session: "AWS" + s[1] + "Session", addrs: []int{w.service(dns)},
			agents: []string{dns}, weight: 1.2 / float64(i+1),
		})
	}
	for i, s := range []string{"cloudtrail", "lambda", "secretsmanager", "ec2", "delivery.logs", "elasticloadbalancing"} {
		dns := s + ".amazonaws.com"
		a.principals = append(a.principals, &principal{
			kind: kindService, use: 'V', acct: a, service: dns, home: -1, addrs: []int{w.service(dns)}, agents: []string{dns},
			weight: 2.6 / float64(i+1), data: 1 / float64(i+1),
		})
	}
	w.service("AWS Internal")
}

// pipelineUser is the user as which the pipeline starts.
func (a *account) pipelineUser() *principal {
	for _, p := range a.principals {
		if p.kind == kindUser {
			return p
		}
	}
	panic("BUG: account without a pipeline user")
}

func (a *account) weigh() {
	var calls, data []float64
	for _, p := range a.principals {
		calls = append(calls, p.weight)
		data = append(data, p.data)
	}
	a.byCalls, a.byData = newSampler(calls), newSampler(data)
}
