package gen

// appendRecord appends the record of c in the form in which CloudTrail delivers it:
// one order of keys, no white space.
func (u *unit) appendRecord(b []byte, c *call) []byte {
	ev := c.ev
	b = append(b, `{"eventVersion":"`...)
	b = append(b, ev.version...)
	b = append(b, `","userIdentity":`...)
	b = append(b, c.identity...)
	b = append(b, `,"eventTime":"`...)
	b = appendTime(b, c.time)
	b = append(b, `",`...)
	b = append(b, ev.head...)
	b = append(b, regionNames[u.region]...)
	b = append(b, `","sourceIPAddress":"`...)
	b = append(b, u.w.addresses[c.addr].text...)
	if len(c.agent) > 0 {
		b = append(b, `","userAgent":"`...)
		b = append(b, c.agent...)
	}
	b = append(b, '"', ',')
	if c.fail != nil {
		if c.fail.code != "" {
			b = append(b, `"errorCode":"`...)
			b = append(b, c.fail.code...)
			b = append(b, '"', ',')
		}
		if !c.fail.text.empty() {
			b = append(b, `"errorMessage":"`...)
			b = c.fail.text.append(u, b)
			b = append(b, '"', ',')
		}
	}
	if ev.category != "NetworkActivity" {
		b = append(b, `"requestParameters":`...)
		b = appendOrNull(u, b, ev.reqT)
		b = append(b, `,"responseElements":`...)
		if c.fail != nil && !c.login {
			b = append(b, "null,"...)
		} else {
			b = append(appendOrNull(u, b, ev.respT), ',')
		}
	}
	if !ev.extraT.empty() {
		b = append(b, `"additionalEventData":`...)
		b = append(ev.extraT.append(u, b), ',')
	}
	if len(c.requestID) > 0 {
		b = append(b, `"requestID":"`...)
		b = append(b, c.requestID...)
		b = append(b, '"', ',')
	}
	b = append(b, `"eventID":"`...)
	start := len(b)
	b = appendUUID(b, u.rnd.u64(), u.rnd.u64(), hexDigits)
	c.eventID = append(c.eventID[:0], b[start:]...)
	b = append(b, '"', ',')
	if ev.category != "NetworkActivity" {
		if ev.write {
			b = append(b, `"readOnly":false,`...)
		} else {
			b = append(b, `"readOnly":true,`...)
		}
	}
	if !ev.resT.empty() && (c.fail == nil || ev.service != "sts") {
		b = append(b, `"resources":`...)
		b = append(ev.resT.append(u, b), ',')
	}
	b = append(b, `"eventType":"`...)
	b = append(b, ev.kind...)
	b = append(b, '"', ',')
	if ev.api != "" {
		b = append(b, `"apiVersion":"`...)
		b = append(b, ev.api...)
		b = append(b, '"', ',')
	}
	switch ev.category {
	case "Management":
		b = append(b, `"managementEvent":true,`...)
	case "Data":
		b = append(b, `"managementEvent":false,`...)
	}
	b = append(b, `"recipientAccountId":"`...)
	b = append(b, c.to.id...)
	b = append(b, '"', ',')
	if len(c.shared) > 0 {
		b = append(b, `"sharedEventID":"`...)
		b = append(b, c.shared...)
		b = append(b, '"', ',')
	}
	if !ev.detailsT.empty() {
		b = append(b, `"serviceEventDetails":`...)
		b = append(ev.detailsT.append(u, b), ',')
	}
	if c.vpce {
		b = append(b, `"vpcEndpointId":"`...)
		b = endpointID(u, b)
		b = append(b, `","vpcEndpointAccountId":"`...)
		b = append(b, c.to.id...)
		b = append(b, '"', ',')
	}
	b = append(b, `"eventCategory":"`...)
	b = append(b, ev.category...)
	b = append(b, '"')
	if c.tls {
		b = u.appendTLS(b, c)
	}
	if c.console {
		b = append(b, `,"sessionCredentialFromConsole":"true"`...)
	}
	return append(b, '}')
}

var endpointID = idOf("vpce", false)

func appendOrNull(u *unit, b []byte, t template) []byte {
	if t.empty() {
		return append(b, "null"...)
	}
	return t.append(u, b)
}

func (u *unit) appendTLS(b []byte, c *call) []byte {
	if c.sess.tls13 {
		b = append(b, `,"tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"`...)
	} else {
		b = append(b, `,"tlsDetails":{"tlsVersion":"TLSv1.2","cipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","clientProvidedHostHeader":"`...)
	}
	b = c.ev.hostT.append(u, b)
	b = append(b, '"')
	if c.sess.tls13 && (c.ev.service == "kms" || c.ev.service == "secretsmanager" || c.ev.service == "acm") {
		b = append(b, `,"keyExchange":"X25519MLKEM768"`...)
	}
	return append(b, '}')
}

// appendRequestID appends a request's id: S3 and STS have forms of their own.
func (u *unit) appendRequestID(b []byte, ev *event) []byte {
	switch ev.service {
	case "s3":
		return u.rnd.appendDigits(b, 16, keyDigits)
	case "dynamodb":
		return append(u.rnd.appendDigits(b, 46, keyDigits), "VV4KQNSO"[:6]...)
	default:
		return appendUUID(b, u.rnd.u64(), u.rnd.u64(), hexDigits)
	}
}
