package gen

import "strconv"

// An event describes one action of one service, and how its records look. Texts are
// templates.
type event struct {
	service string // eventSource without .amazonaws.com
	action  string
	label   string // what named finds the event by; empty means service:action
	// use gives the weights with which principals make the call: letters name
	// columns as principal.use does, such as "H5 T20".
	use       string
	version   string // eventVersion; empty means the service's
	write     bool
	data      bool
	request   string // requestParameters; empty means null
	response  string // responseElements; empty means null
	extra     string // additionalEventData; empty means absent
	resources string // empty means absent
	details   string // serviceEventDetails; empty means absent
	api       string // apiVersion; empty means absent
	host      string // host in tlsDetails; empty means service.region.amazonaws.com
	agent     string // userAgent; empty means the session's
	kind      string // eventType; empty means AwsApiCall
	category  string // empty means Management, or Data
	global    bool   // logged in us-east-1 wherever the caller is
	copied    bool   // before 2021 went to the log of every region
	noRequest bool   // no requestID
	errors    []failure
	follow    string  // label of a call that the service makes for the caller
	followed  float64 // how often

	source   string // eventSource
	index    int
	head     []byte // "eventSource":…,"eventName":…,"awsRegion":"
	reqT     template
	respT    template
	extraT   template
	resT     template
	detailsT template
	hostT    template
}

// A failure is an error of a call and how often it happens.
type failure struct {
	share   float64
	code    string
	message string
	text    template
}

// catalog holds the compiled events, and samplers over them by use.
type catalog struct {
	events []*event
	byName map[string]*event
	calls  map[byte]*choice
	data   map[byte]*choice
	denied map[string]*failure
	vpce   *failure // of network activity

	insight, network *event
}

type choice struct {
	sampler
	events []*event
}

func newCatalog() *catalog {
	c := &catalog{byName: map[string]*event{}, calls: map[byte]*choice{}, data: map[byte]*choice{}, denied: map[string]*failure{}}
	for _, table := range [][]event{computeEvents, storageEvents, identityEvents, platformEvents, serviceEvents, startEvents} {
		for i := range table {
			c.add(table[i])
		}
	}
	for _, group := range []map[byte]*choice{c.calls, c.data} {
		for use, ch := range group {
			var weights []float64
			for _, e := range ch.events {
				weights = append(weights, e.weight(use))
			}
			ch.sampler = newSampler(weights)
		}
	}
	c.insight, c.network = c.add(insightEvent), c.add(networkEvent)
	c.vpce = &failure{code: "VpceAccessDenied", text: compile("The request was denied due to a VPC endpoint policy")}
	for service, f := range denials {
		c.denied[service] = &failure{code: f.code, message: f.message, text: compile(f.message)}
	}
	return c
}

// add compiles e and returns it.
func (c *catalog) add(e event) *event {
	p := &e
	p.index = len(c.events)
	p.source = p.service + ".amazonaws.com"
	if p.kind == "" {
		p.kind = "AwsApiCall"
	}
	if p.category == "" {
		p.category = "Management"
		if p.data {
			p.category = "Data"
		}
	}
	if p.version == "" {
		if p.version = versions[p.service]; p.version == "" {
			p.version = "1.11"
		}
	}
	p.head = []byte(`"eventSource":"` + p.source + `","eventName":"` + p.action + `","awsRegion":"`)
	p.reqT, p.respT, p.extraT = compile(p.request), compile(p.response), compile(p.extra)
	p.resT, p.detailsT = compile(p.resources), compile(p.details)
	if p.host == "" {
		p.host = p.service + ".<region>.amazonaws.com"
	}
	p.hostT = compile(p.host)
	p.errors = append([]failure(nil), p.errors...)
	for i := range p.errors {
		p.errors[i].text = compile(p.errors[i].message)
	}
	c.events = append(c.events, p)
	if p.label == "" {
		p.label = p.service + ":" + p.action
	}
	c.byName[p.label] = p
	group := c.calls
	if p.data {
		group = c.data
	}
	for _, use := range []byte("HCTALSKV") {
		if p.weight(use) > 0 {
			if group[use] == nil {
				group[use] = &choice{}
			}
			group[use].events = append(group[use].events, p)
		}
	}
	return p
}

// named panics on an unknown name: names are part of this package.
func (c *catalog) named(name string) *event {
	e := c.byName[name]
	if e == nil {
		panic("BUG: no event " + name)
	}
	return e
}

// weight reads the weight of one column out of e.use.
func (e *event) weight(use byte) float64 {
	for i := 0; i < len(e.use); {
		j := i
		for j < len(e.use) && e.use[j] != ' ' {
			j++
		}
		if e.use[i] == use {
			v, err := strconv.ParseFloat(e.use[i+1:j], 64)
			if err != nil {
				panic("BUG: weight of " + e.action + ": " + err.Error())
			}
			return v
		}
		i = j + 1
	}
	return 0
}

// versions gives the eventVersion by service; others are at 1.11.
var versions = map[string]string{
	"ec2": "1.10", "ssm": "1.09", "rds": "1.10", "lambda": "1.10", "sts": "1.10", "autoscaling": "1.09",
	"elasticloadbalancing": "1.09", "route53": "1.09", "cloudfront": "1.09", "sqs": "1.09", "sns": "1.09",
	"ecs": "1.10", "ecr": "1.09", "organizations": "1.10", "health": "1.09", "cloudformation": "1.09",
}

// denials gives the error of a denied call by service; "" is for the others.
var denials = map[string]failure{
	"":               {code: "AccessDenied", message: "User: <arn> is not authorized to perform: <action> because no identity-based policy allows the <action> action"},
	"ec2":            {code: "Client.UnauthorizedOperation", message: "You are not authorized to perform this operation. User: <arn> is not authorized to perform: <action> because no identity-based policy allows the <action> action. Encoded authorization failure message: <encoded>"},
	"ssm":            {code: "AccessDeniedException", message: "User: <arn> is not authorized to perform: <action> on resource: arn:aws:ssm:<region>:<account>:* because no identity-based policy allows the <action> action"},
	"kms":            {code: "AccessDenied", message: "User: <arn> is not authorized to perform: <action> on resource: arn:aws:kms:<region>:<account>:key/<kms-key> because no resource-based policy allows the <action> action"},
	"s3":             {code: "AccessDenied", message: "User: <arn> is not authorized to perform: <action> on resource: \\\"arn:aws:s3:::<bucket>\\\" because no identity-based policy allows the <action> action"},
	"secretsmanager": {code: "AccessDenied", message: "User: <arn> is not authorized to perform: <action> on resource: " + secretARN + " because no identity-based policy allows the <action> action"},
	"dynamodb":       {code: "AccessDenied", message: "User: <arn> is not authorized to perform: <action> on resource: arn:aws:dynamodb:<region>:<account>:table/<table> because no identity-based policy allows the <action> action"},
	"lambda":         {code: "AccessDeniedException", message: "User: <arn> is not authorized to perform: <action> on resource: arn:aws:lambda:<region>:<account>:function:<function> because no identity-based policy allows the <action> action"},
}
