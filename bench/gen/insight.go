package gen

import "strconv"

var (
	insightEvent = event{service: "cloudtrail", action: "", category: "Insight", kind: "AwsCloudTrailInsight"}
	networkEvent = event{service: "s3", action: "GetObject", category: "NetworkActivity", kind: "AwsVpceEvents", version: "1.09"}
)

// insight writes the start and the end of an unusual rate of calls or errors.
func (u *unit) insight(t int64) {
	if u.left < 2 {
		return
	}
	u.begin()
	u.region = u.w.regions.draw(u.rnd)
	what := [...][3]string{
		{"ec2", "RunInstances", ""}, {"iam", "AttachRolePolicy", ""}, {"ssm", "DescribeParameters", "ThrottlingException"},
		{"s3", "DeleteBucket", ""}, {"kms", "Decrypt", "AccessDenied"}, {"ec2", "AuthorizeSecurityGroupIngress", ""},
	}[u.rnd.below(6)]
	kind := "ApiCallRateInsight"
	if what[2] != "" {
		kind = "ApiErrorRateInsight"
	}
	who := u.acct.principals[u.rnd.below(len(u.acct.principals))]
	arn := "arn:aws:sts::" + u.acct.id + ":assumed-role/" + who.name
	if who.arn != "" {
		arn = who.arn
	}
	base, seen := float64(1+u.rnd.below(60))/10000, float64(5+u.rnd.below(300))/10
	minutes := 1 + u.rnd.below(4)
	shared := u.uuid()
	for i, state := range []string{"Start", "End"} {
		c := call{ev: u.w.catalog.insight, to: u.acct, time: t + int64(i*minutes*60), shared: shared, addr: -1}
		b := append(u.record[:0], `{"eventVersion":"1.09","eventTime":"`...)
		b = appendTime(b, c.time)
		b = append(b, `","awsRegion":"`+regionNames[u.region]+`","eventID":"`...)
		b = append(b, u.uuid()...)
		b = append(b, `","eventType":"AwsCloudTrailInsight","recipientAccountId":"`+u.acct.id+`","sharedEventID":"`...)
		b = append(b, shared...)
		b = append(b, `","insightDetails":{"state":"`+state+`","eventSource":"`+what[0]+`.amazonaws.com","eventName":"`+what[1]+`","insightType":"`+kind+`",`...)
		if what[2] != "" {
			b = append(b, `"errorCode":"`+what[2]+`",`...)
		}
		b = append(b, `"insightContext":{"statistics":{"baseline":{"average":`...)
		b = strconv.AppendFloat(b, base, 'f', -1, 64)
		b = append(b, `},"insight":{"average":`...)
		b = strconv.AppendFloat(b, seen, 'f', -1, 64)
		b = append(b, `},`...)
		if i == 1 {
			b = append(b, `"insightDuration":`+strconv.Itoa(minutes)+`,`...)
		}
		b = append(b, `"baselineDuration":10087},"attributions":[{"attribute":"userIdentityArn","insight":[{"value":"`+arn+`","average":`...)
		b = strconv.AppendFloat(b, seen, 'f', -1, 64)
		b = append(b, `}],"baseline":[{"value":"`+arn+`","average":`...)
		b = strconv.AppendFloat(b, base, 'f', -1, 64)
		b = append(b, `}]}]}},"eventCategory":"Insight"}`...)
		u.record = b
		u.cur = &c
		u.stats.event(u, &c, b, oddNone)
		u.put(logKind{account: u.acct.index, region: u.region, category: catInsight}, b)
		u.left--
	}
}

// networkActivity writes a call that the policy of a VPC endpoint denied.
func (u *unit) networkActivity(t int64) {
	if u.left == 0 {
		return
	}
	u.begin()
	u.region = u.w.regions.draw(u.rnd)
	p := u.acct.principals[u.rnd.below(len(u.acct.principals))]
	for p.kind != kindInstance {
		p = u.acct.principals[u.rnd.below(len(u.acct.principals))]
	}
	c := call{ev: u.w.catalog.network, to: u.acct, time: t, shared: u.uuid(), addr: p.addrs[0], vpce: true, fail: u.w.catalog.vpce}
	c.identity = `{"type":"AWSAccount","principalId":"` + p.id + `","accountId":"` + u.acct.id + `"}`
	u.emit(&c)
}
