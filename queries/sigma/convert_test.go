package sigma_test

import (
	"strings"
	"testing"

	"traillake/engine"
	"traillake/lake"
	"traillake/queries"
	"traillake/queries/sigma"
)

// rule puts a detection, with its lines indented by two, into a rule. The first line of
// the detection is line 4.
func rule(detection string) string {
	return "title: A rule\n" + source + "detection:\n" + detection
}

// TestConditions gives the SQL of small detections. What a detection means is in the
// specification of Sigma's rules; the SQL is read with that beside it.
func TestConditions(t *testing.T) {
	for _, tc := range []struct{ detection, want string }{
		{"  s: {eventName: DeleteTrail}\n  condition: s", "lower(eventName) = 'deletetrail'"},
		{"  s: {eventName: [A, b]}\n  condition: s", "lower(eventName) IN ('a', 'b')"},
		{"  s: {eventName|cased: [A, b]}\n  condition: s", "eventName IN ('A', 'b')"},
		{"  s: {eventName|contains: Trail}\n  condition: s", "lower(eventName) LIKE '%trail%'"},
		{"  s: {eventName|endswith: 50%}\n  condition: s", `lower(eventName) LIKE '%50\%' ESCAPE '\'`},
		{"  s: {eventName: 'a*b?c\\*d'}\n  condition: s", "lower(eventName) LIKE 'a%b_c*d'"},
		{"  s: {errorCode: '*'}\n  condition: s", "errorCode IS NOT NULL"},
		{"  s: {errorCode: null}\n  condition: s", "errorCode IS NULL"},
		{"  s: {errorCode: [null, '']}\n  condition: s", "(errorCode IS NULL OR lower(errorCode) = '')"},
		{"  s: {errorCode|exists: true}\n  condition: s", "errorCode IS NOT NULL"},
		{"  s: {errorCode|exists: false}\n  condition: s", "errorCode IS NULL"},
		{"  s: {userAgent|contains|all: [x, y]}\n  condition: s", "(lower(userAgent) LIKE '%x%' AND lower(userAgent) LIKE '%y%')"},
		{"  s: {userAgent|re: '^a.+'}\n  condition: s", "regexp_like(userAgent, '^a.+')"},
		{"  s: {userAgent|re|i|s: it's}\n  condition: s", "regexp_like(userAgent, '(?is)it''s')"},
		{"  s: {sourceIPAddress|cidr: 10.1.2.3/8}\n  condition: s", "contains('10.0.0.0/8', TRY_CAST(sourceIPAddress AS ipaddress))"},
		{"  s: {userIdentity.arn|fieldref: requestParameters.userName}\n  condition: s",
			"lower(userIdentity.arn) = lower(element_at(requestParameters, 'userName'))"},
		{"  s: {readOnly: false}\n  condition: s", "lower(CAST(readOnly AS varchar)) = 'false'"},
		{"  s: {resources.type: AWS::S3::Object}\n  condition: s", "any_match(resources, r -> lower(r.type) = 'aws::s3::object')"},
		{"  s: {userIdentity.credentialId: x}\n  condition: s", "lower(json_extract_scalar(eventJson, '$.userIdentity.credentialId')) = 'x'"},
		{"  s: {userIdentity.inScopeOf.credentialsIssuedTo: x}\n  condition: s", "lower(userIdentity.inScopeOf.credentiaisissuedto) = 'x'"},
		{"  s: {requestParameters.name|contains: x}\n  condition: s", "lower(element_at(requestParameters, 'name')) LIKE '%x%'"},
		{"  s: {requestParameters.a.b-c: null}\n  condition: s", "NOT coalesce(any_match(CAST(json_parse(json_query(" +
			"element_at(requestParameters, 'a'), 'lax $.\"b-c\"' WITH ARRAY WRAPPER)) AS array(json)), e -> json_format(e) <> 'null'), false)"},
		{"  s: [one, 't*o']\n  condition: s", "(lower(eventJson) LIKE '%one%' OR lower(eventJson) LIKE '%t%o%')"},
		{"  s: ['\"Effect\":\"Allow\"', 'a\\b']\n  condition: s", `((lower(eventJson) LIKE '%"effect":"allow"%'
    OR lower(eventJson) LIKE '%\\"effect\\":\\"allow\\"%' ESCAPE '\')
  OR (lower(eventJson) LIKE '%a\\b%' ESCAPE '\' OR lower(eventJson) LIKE '%a\\\\b%' ESCAPE '\'))`},
		{"  s:\n    '|all': [one, two]\n  condition: s", "(lower(eventJson) LIKE '%one%' AND lower(eventJson) LIKE '%two%')"},
		{"  s: {eventName|neq: a}\n  condition: s", "NOT coalesce(lower(eventName) = 'a', false)"},
		// Not binds more than and, and that more than or.
		{"  a: {eventName: a}\n  b: {eventName: b}\n  c: {eventName: c}\n  condition: a or not b and c",
			"(lower(eventName) = 'a' OR (NOT coalesce(lower(eventName) = 'b', false) AND lower(eventName) = 'c'))"},
		{"  a1: {eventName: a}\n  a2: {eventName: b}\n  c: {eventName: c}\n  condition: all of a* and not 1 of c*",
			"(lower(eventName) = 'a' AND lower(eventName) = 'b' AND NOT coalesce(lower(eventName) = 'c', false))"},
		{"  s_x: {eventName: a}\n  s/y: {eventName: b}\n  s.z: {eventName: c}\n  condition: 1 of s*", "(lower(eventName) = 'a' OR lower(eventName) = 'b' OR lower(eventName) = 'c')"},
		{"  a: {eventName: a}\n  _b: {eventName: b}\n  condition: 1 of them", "lower(eventName) = 'a'"},
		{"  a: {eventName: a}\n  b: {eventName: b}\n  condition: [a, b]", "(lower(eventName) = 'a' OR lower(eventName) = 'b')"},
		// The three texts that "foo" shows inside of base64; RFC 4648, by hand.
		{"  s: {userAgent|base64offset|contains|cased: foo}\n  condition: s",
			"(userAgent LIKE '%Zm9v%' OR userAgent LIKE '%Zvb%' OR userAgent LIKE '%mb2%')"},
		{"  s: {userAgent|wide|base64|cased: foo}\n  condition: s", "userAgent = 'ZgBvAG8A'"},
		{"  s: {userAgent|windash|contains: ' -a'}\n  condition: s", "(lower(userAgent) LIKE '% -a%' OR lower(userAgent) LIKE '% /a%'" +
			"\n  OR lower(userAgent) LIKE '% –a%'\n  OR lower(userAgent) LIKE '% —a%'\n  OR lower(userAgent) LIKE '% ―a%')"},
	} {
		got, err := sigma.ConditionSQL(rule(tc.detection))
		if err != nil {
			t.Errorf("%s\n%v", tc.detection, err)
		} else if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(tc.want), " ") {
			t.Errorf("%s\ngot  %s\nwant %s", tc.detection, got, tc.want)
		}
	}
}

// TestRefused says of what cannot be expressed what it is, and where.
func TestRefused(t *testing.T) {
	const correlation = "title: A\nname: a\n" + source + "detection: {s: {eventName: x}, condition: s}\n---\ntitle: B\n"
	for _, tc := range []struct{ text, want string }{
		{rule("  s: {src_country|expand: '%places%'}\n  condition: s"), `r.yml:4: rule "A rule": modifier expand: the values of a placeholder are not in the rule`},
		{rule("  s:\n    eventName|hour: 3\n  condition: s"), `r.yml:5: rule "A rule": modifier hour is not supported; those that are: contains,`},
		{rule("  s:\n    status: ok\n  condition: s"), `r.yml:5: rule "A rule": CloudTrail records have no field "status"; the fields are eventVersion, userIdentity,`},
		{rule("  s: {userIdentity.nickName: x}\n  condition: s"), `userIdentity has no field "nickName"; it has type, principalId`},
		{rule("  s: {userIdentity|contains: x}\n  condition: s"), "field userIdentity is a group: name one of its fields type,"},
		{rule("  s: {resources: x}\n  condition: s"), "field resources is a list of "},
		{rule("  s: {'requestParameters.items[0].a': x}\n  condition: s"), "lists are searched by themselves"},
		{rule("  s: {eventName.a: x}\n  condition: s"), "eventName is a text and has no a"},
		{rule("  s: {eventContext.tagContext: x}\n  condition: s"), "field eventContext.tagContext is none that a trail delivers"},
		{rule("  s: {eventName|re: '('}\n  condition: s"), `regular expression "(": `},
		{rule("  s: {eventName|cidr: here}\n  condition: s"), `modifier cidr takes a network such as 192.0.2.0/24, not "here"`},
		{rule("  s: {eventName|gt: many}\n  condition: s"), `modifier gt takes a number, not "many"`},
		{rule("  s: {eventName|exists: maybe}\n  condition: s"), `modifier exists takes true or false, not "maybe"`},
		{rule("  s: {eventName|re|contains: a}\n  condition: s"), "modifiers re, contains do not go together"},
		{rule("  s: {eventName|wide: a}\n  condition: s"), "modifier wide: records hold no UTF-16"},
		{rule("  s: {eventName|base64: 'a*'}\n  condition: s"), "modifier base64 takes no wildcards"},
		{rule("  s: {eventName|contains: null}\n  condition: s"), "null is the absence of a field and takes no modifier"},
		{rule("  s: {eventName: []}\n  condition: s"), "an empty list matches nothing"},
		{rule("  s: {eventName: {a: b}}\n  condition: s"), "a text, number, boolean or null is expected here"},
		{rule("  s: {eventName: a, eventName: b}\n  condition: s"), "key eventName is there twice"},
		{rule("  s: &x {eventName: a}\n  u: *x\n  condition: s"), "aliases of YAML (*x) are not supported"},
		{rule("  s: {eventName: a}\n  condition: s and"), "r.yml:5: rule \"A rule\": condition: it ends where a selection is expected; the selections are s"},
		{rule("  s: {eventName: a}\n  condition: t"), `condition: no selection "t"; the selections are s`},
		{rule("  s: {eventName: a}\n  condition: (s"), "condition: a ( is not closed"},
		{rule("  s: {eventName: a}\n  condition: s s"), `condition: "s" was not expected`},
		{rule("  s: {eventName: a}\n  condition: 2 of s*"), `condition: "2" of: only 1 of, any of and all of are known`},
		{rule("  s: {eventName: a}\n  condition: 1 of t*"), "condition: no selection is called t*; the selections are s"},
		{rule("  s: {eventName: a}\n  condition: " + strings.Repeat("(", 60) + "s" + strings.Repeat(")", 60)), "more than 50 levels"},
		{rule("  s: {eventName: a}"), "the detection has no condition"},
		{rule("  s: {eventName: a}\n  condition: s | near t"), `aggregation "near t" is not supported`},
		{rule("  s: {eventName: a}\n  condition: s | count() > 3"), "aggregation without a timeframe: add one"},
		{rule("  s: {eventName: a}\n  timeframe: 5m\n  condition: s | count() < 3"), "is not supported"},
		{rule("  s: {eventName: a}\n  timeframe: 5m\n  condition: s"), "r.yml:5: rule \"A rule\": timeframe without an aggregation"},
		{"title: X\nlogsource: {product: windows, category: process_creation}\ndetection: {s: {a: b}, condition: s}",
			"r.yml:2: rule \"X\": the rule is for another log (product windows, category process_creation)"},
		{"title: X\ndetection: {s: {a: b}, condition: s}", "the rule has no logsource"},
		{"title: X\n" + source, "the rule has no detection"},
		{"detection: {}", "r.yml:1: the rule has no title"},
		{"title: X\naction: global", "collections with action: are of an older Sigma"},
		{"title: X\nfilter: {rules: [a]}", "filters change other rules and are none themselves"},
		{"- a", "a rule is a mapping with title"},
		{"", "r.yml:1: the file holds no rule"},
		{"a: [", "no YAML: "},
		{correlation + "correlation: {type: temporal_ordered, rules: [a], timespan: 1m}", "correlations of type temporal_ordered are not supported"},
		{correlation + "correlation: {type: event_count, rules: [b], timespan: 1m, condition: {gte: 2}}", `its rule "b" is in none of the files`},
		{correlation + "correlation: {type: event_count, rules: [a], timespan: 1m, condition: {lt: 2}}", "condition lt of a correlation is not supported"},
		{correlation + "correlation: {type: event_count, rules: [a], timespan: 1 moment, condition: {gte: 2}}", `timespan "1 moment": write a number and s, m, h, d or w`},
		{correlation + "correlation: {type: value_count, rules: [a], timespan: 1m, condition: {gte: 2}}", "value_count has no field"},
		{correlation + "correlation: {type: event_count, rules: [a], group-by: [user], timespan: 1m, condition: {gte: 2}}", `group-by: CloudTrail records have no field "user"`},
		{correlation + "correlation: {type: event_count, rules: [a], timespan: 1m}", "the correlation has no condition such as gte: 10"},
		{rule("  s: {eventName: [" + strings.Repeat("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbb, ", 150) + "x]}\n  condition: s"), "CloudTrail Lake takes 10000"},
		{rule("  s: {eventName: a}\n  condition: s") + "\n---\n" + rule("  s: {eventName: a}\n  condition: s"),
			`r.yml:7: rule "A rule": its query would be called sigma-a-rule, as that of r.yml:1; give the rule a name: of its own`},
	} {
		_, errs := sigma.Convert([]sigma.File{{Name: "r.yml", Text: []byte(tc.text)}})
		if len(errs) != 1 || !strings.Contains(errs[0].Error(), tc.want) {
			t.Errorf("%.300s\ngot  %.400v\nwant %s", tc.text, errs, tc.want)
		}
	}
}

// TestHeader says what a query tells of its rule.
func TestHeader(t *testing.T) {
	text := `title: "Trail: Stopped"
id: 0b1c2d3e-0000-4000-8000-000000000001
status: test
description: |
  Somebody stops a trail.

  name: this is no key of the header
author: Jo Doe, Example Ltd
references:
  - https://example.com/a
tags: [attack.defense-evasion, attack.t1562.008, cve.2024-1]
` + source + `detection:
  s: {eventName: [StopLogging, 'Delete*']}
  f: {eventName: UpdateTrail}
  condition: s and not f
fields: [requestParameters.name, userIdentity.accountId, nothing, eventName]
falsepositives: [Clean-up, Tests]
level: high
`
	found, errs := sigma.Convert([]sigma.File{{Name: "r.yml", Text: []byte(text)}})
	if len(errs) > 0 || len(found) != 1 {
		t.Fatalf("%d queries, %v", len(found), errs)
	}
	q, err := queries.Parse("sigma-trail-stopped.sql", found[0].Text)
	if err != nil {
		t.Fatal(err)
	}
	if err := queries.Check(q); err != nil {
		t.Error(err)
	}
	for _, c := range []struct{ what, got, want string }{
		{"title", q.Title, "Trail: Stopped"},
		{"description", q.Description, "Somebody stops a trail.\n\nname: this is no key of the header\n\n" +
			"Made of a Sigma rule, id 0b1c2d3e-0000-4000-8000-000000000001, by Jo Doe, Example Ltd.\n- https://example.com/a"},
		{"severity", q.Severity, "high"},
		{"techniques", strings.Join(q.Techniques, " "), "T1562.008"},
		{"tags", strings.Join(q.Tags, " "), "sigma defense-evasion cve.2024-1"},
		{"apis", strings.Join(q.APIs, " "), "StopLogging"},
		{"false positives", q.FalsePositives, "- Clean-up\n- Tests"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
	for _, column := range []string{"AS request_parameters_name", "AS user_identity_account_id"} {
		if !strings.Contains(q.SQL, column) {
			t.Errorf("no column %s:\n%s", column, q.SQL)
		}
	}
}

// FuzzConvert never panics, and what it makes is a saved query that the engine takes.
func FuzzConvert(f *testing.F) {
	f.Add(rule("  s: {eventName: [A, 'b*'], requestParameters.a.b|contains: x}\n  condition: s and not 1 of s*"))
	f.Add(rule("  s: [key, {errorCode: null}]\n  timeframe: 5m\n  condition: s | count(sourceIPAddress) by awsRegion > 3"))
	f.Add(listing + "title: M\ncorrelation: {type: temporal, rules: [lists, creates], group-by: [awsRegion], timespan: 1m}")
	f.Fuzz(func(t *testing.T, text string) {
		found, _ := sigma.Convert([]sigma.File{{Name: "r.yml", Text: []byte(text)}})
		for _, q := range found {
			parsed, err := queries.Parse(q.Name+".sql", q.Text)
			if err != nil {
				t.Fatalf("%v\n%s", err, q.Text)
			}
			if err := queries.Check(parsed); err != nil {
				t.Fatalf("%v\n%s", err, q.Text)
			}
			values, err := parsed.Values(nil, now)
			if err != nil {
				t.Fatal(err)
			}
			if err := engine.Check(engine.Request{SQL: parsed.SQL, Params: values, Store: lake.DefaultStore, Now: now}); err != nil {
				t.Fatalf("%v\n%s", err, q.Text)
			}
		}
	})
}
