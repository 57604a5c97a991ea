package queries_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"traillake/engine"
	"traillake/engine/duck"
	"traillake/internal/filecache"
	"traillake/lake"
	"traillake/lake/laketest"
	"traillake/lake/source/dir"
	"traillake/queries"
	"traillake/queries/fixture"
)

// corpus takes the logs of a folder of real log data into a lake. It returns nil,
// and says so in the log, where the folder does not lie beside the checkout.
func corpus(t *testing.T, folder string) *generated {
	t.Helper()
	root := filepath.Join("..", "..", "shared", "corpus", folder)
	if _, err := os.Stat(root); err != nil {
		t.Logf("no real log data beside the checkout: %v", err)
		return nil
	}
	l := laketest.New(t)
	store, err := l.CreateStore(t.Context(), lake.StoreConfig{Name: lake.DefaultStore})
	if err != nil {
		t.Fatal(err)
	}
	src, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	result, err := store.Ingest(t.Context(), src, lake.IngestOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if result.Stored == 0 {
		t.Fatal("nothing ingested")
	}
	return &generated{engine: engineOver(t, l)}
}

// engineOver returns an engine that keeps the rows of all queries.
func engineOver(t *testing.T, l *lake.Lake) *engine.Engine {
	t.Helper()
	cache, err := filecache.Open(t.TempDir(), 64<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cache.Close(); err != nil {
			t.Error(err)
		}
	})
	return engine.New(l, duck.New(), engine.Options{TempDir: t.TempDir(), Threads: 2,
		Results: &engine.Results{Cache: cache, Least: time.Nanosecond}})
}

// TestCatalogOverCorpus runs every saved query over real logs of all record versions.
func TestCatalogOverCorpus(t *testing.T) {
	t.Parallel()
	if g := corpus(t, ""); g != nil {
		g.testEvery(t)
	}
}

// testEvery runs every saved query; none may fail. Asked again, each gives the rows that were
// kept, which are the same.
func (g *generated) testEvery(t *testing.T) {
	for _, q := range queries.Catalog().All() {
		params := map[string]string{}
		for _, p := range q.Params {
			if !p.Optional {
				params[p.Name] = "AKIAEXAMPLE"
			}
		}
		t.Run(q.Name, func(t *testing.T) {
			t.Parallel()
			values, err := q.Values(params, fixture.Now)
			if err != nil {
				t.Fatal(err)
			}
			request := engine.Request{SQL: q.SQL, Params: values, Now: fixture.Now}
			var answers [2]string
			for i := range answers {
				if answers[i], err = fixture.CSV(t.Context(), g.engine, request); err != nil {
					t.Fatal(err)
				}
			}
			if answers[0] != answers[1] {
				t.Errorf("first\n%s\nthen\n%s", answers[0], answers[1])
			}
			res, err := g.engine.Query(t.Context(), request)
			if err != nil {
				t.Fatal(err)
			}
			if res.Stats().Kept.IsZero() {
				t.Error("nothing was kept")
			}
			if err := res.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// simulated are the attacks of Stratus Red Team that the logs of the folder
// attack-simulation show, with the saved query that names each and columns of the row in
// which it does. The tool puts a token into the user agent of every run, by which its
// calls can be told from others. Of some attacks the logs have only the attempt (the
// trail was already gone) or the clean-up (the user was made outside of the files).
var simulated = []struct {
	attack    string // as Stratus Red Team calls it, without "aws."
	technique string // of MITRE ATT&CK; the query must carry it
	query     string
	row       row
}{
	{"credential-access.ec2-get-password-data", "T1552", "windows-passwords-read",
		row{"principal": "arn:aws:iam::123837392027:role/stratus-red-team-ec2-get-password-data-role", "calls": "29", "failures": "29"}},
	{"credential-access.ec2-steal-instance-credentials", "T1651", "commands-run-on-instances",
		row{"event_name": "SendCommand", "document": "AWS-RunShellScript", "instances": `["i-0dbc91f429e48eeed"]`}},
	{"credential-access.secretsmanager-retrieve-secrets", "T1555.006", "secrets-read-in-bulk",
		row{"user_agent": "stratus-red-team_561fe49b-e6b4-44da-a587-f2c718eb578a", "secrets": "20"}},
	{"credential-access.ssm-retrieve-securestring-parameters", "T1552", "parameters-decrypted-in-bulk",
		row{"user_agent": "stratus-red-team_11a6ef34-e130-4579-a1d3-79c915cee6ec", "parameters": "42", "calls": "5"}},
	{"defense-evasion.cloudtrail-delete", "T1562.008", "logging-tampering",
		row{"event_name": "DeleteTrail", "error": "TrailNotFoundException"}},
	{"defense-evasion.cloudtrail-event-selectors (clean-up)", "T1562.008", "trail-event-selectors-changed",
		row{"trail": "stratus-red-team-ctes-trail-qyxyekjbtk", "narrowed": "no"}},
	{"defense-evasion.cloudtrail-lifecycle-rule", "T1562.008", "lifecycle-deletes-soon",
		row{"bucket": "stratus-red-team-ctlr-bucket-zqfsvooxqj", "days": "1"}},
	{"defense-evasion.cloudtrail-stop", "T1562.008", "logging-tampering",
		row{"event_name": "StopLogging", "error": "TrailNotFoundException"}},
	{"defense-evasion.organizations-leave", "T1666", "organization-guardrails-removed",
		row{"event_name": "LeaveOrganization", "error": "AccessDenied"}},
	{"defense-evasion.vpc-remove-flow-logs", "T1562.008", "vpc-flow-logs-deleted",
		row{"flow_logs": "fl-064ed3a785e4a37ef"}},
	{"discovery.ec2-download-user-data (its role is not assumed)", "T1580", "access-denied-by-principal",
		row{"principal": "arn:aws:iam::123837392027:user/bert-jan", "service_list": "[ce.amazonaws.com, sts.amazonaws.com]", "denials": "11"}},
	{"execution.ec2-launch-unusual-instances", "T1496.001", "launches-refused-by-quota",
		row{"principal": "arn:aws:iam::123837392027:role/stratus-red-team-ec2lui-role-pcccexdthk", "error": "Client.VcpuLimitExceeded"}},
	{"exfiltration.ec2-share-ebs-snapshot", "T1537", "ebs-snapshots-shared",
		row{"snapshot": "snap-083d3b857c13988bc", "shared_with": `[{"userId":"012345678912"}]`}},
	{"exfiltration.ec2-security-group-open-port-22-ingress (clean-up)", "T1562.007", "security-group-changes",
		row{"event_name": "RevokeSecurityGroupIngress", "security_group": "sg-04cfb7a4712d75b00"}},
	{"exfiltration.s3-backdoor-bucket-policy (clean-up)", "T1537", "s3-bucket-policy-changes",
		row{"bucket": "stratus-red-team-bdbp-lhfzvgcamn", "event_name": "DeleteBucketPolicy"}},
	{"initial-access.console-login-without-mfa", "T1078.004", "console-logins-without-mfa",
		row{"actor": "arn:aws:iam::123837392027:user/stratus-red-team-nmfalu-gfjyeaypjt"}},
	{"persistence.iam-backdoor-user (clean-up)", "T1098.001", "access-keys-status-changed",
		row{"user_name": "stratus-red-team-backdoor-u-user", "new_status": "Deleted"}},
	{"persistence.iam-create-admin-user (clean-up)", "T1098.001", "access-keys-status-changed",
		row{"user_name": "malicious-iam-user", "new_status": "Deleted"}},
	{"persistence.iam-create-user-login-profile", "T1098", "login-profiles-changed",
		row{"event_name": "CreateLoginProfile", "user_name": "stratus-red-team-login-profile-user", "for_somebody_else": "yes"}},
	{"persistence.lambda-backdoor-function", "T1098", "function-policies-let-others-in",
		row{"function_name": "stratus-red-team-backdoor-f-func", "let_in": "*"}},
	{"persistence.lambda-overwrite-code", "T1648", "function-code-changed",
		row{"function_name": "arn:aws:lambda:us-east-1:123837392027:function:stratus-red-team-olc-func-xhfgzaowxc"}},
	{"persistence.rolesanywhere-create-trust-anchor", "T1098.001", "roles-anywhere-changed",
		row{"event_name": "CreateTrustAnchor", "object_name": "malicious-rolesanywhere-trust-anchor"}},
	{"all of them", "T1078.004", "attack-tool-user-agents",
		row{"tool": "stratus-red-team", "principal": "arn:aws:iam::123837392027:user/bert-jan"}},
	{"the look around before", "T1087.004", "account-authorization-downloaded",
		row{"actor": "arn:aws:iam::123837392027:user/benjamin"}},
	{"the look for what is watching", "T1518.001", "security-services-explored",
		row{"principal": "arn:aws:iam::123837392027:user/bert-jan", "services": "4"}},
	{"exfiltration.ec2-share-ebs-snapshot (its snapshot)", "T1578.001", "snapshots-created",
		row{"principal": "arn:aws:iam::123837392027:user/bert-jan", "event_name": "CreateSnapshot", "calls": "2"}},
	{"execution.ec2-launch-unusual-instances (the launches)", "T1496.001", "instances-launched",
		row{"instance_type": "p2.xlarge", "refused": "1"}},
}

// TestCatalogNamesSimulation finds each simulated attack in real logs.
func TestCatalogNamesSimulation(t *testing.T) {
	t.Parallel()
	g := corpus(t, "attack-simulation")
	if g == nil {
		return
	}
	for _, s := range simulated {
		t.Run(s.attack, func(t *testing.T) {
			t.Parallel()
			q, err := queries.Catalog().Get(s.query)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(q.Techniques, s.technique) {
				t.Errorf("%s does not name the technique %s: %v", s.query, s.technique, q.Techniques)
			}
			rows := g.run(t, s.query, nil)
			if !slices.ContainsFunc(rows, func(r row) bool {
				for column, want := range s.row {
					if r[column] != want {
						return false
					}
				}
				return true
			}) {
				t.Errorf("%s has no row with %v among %d: %v", s.query, s.row, len(rows), rows[:min(len(rows), 20)])
			}
		})
	}
}
