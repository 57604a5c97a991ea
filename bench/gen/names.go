package gen

// regionNames are the regions that a set may use, the first Config.Regions of them.
var regionNames = []string{
	"us-east-1", "eu-central-1", "us-west-2", "eu-west-1", "ap-southeast-2", "us-east-2", "ap-northeast-1",
	"eu-north-1", "ca-central-1", "ap-south-1", "sa-east-1", "eu-west-2", "ap-southeast-1", "eu-west-3",
	"us-west-1", "ap-northeast-2", "eu-south-1",
}

var accountNames = []string{"production", "staging", "platform", "data", "security", "sandbox", "tools", "research"}

// Words from which names of things are put together.
var (
	subjectWords = []string{
		"orders", "billing", "catalog", "ledger", "media", "search", "notify", "export", "ingest", "shipping",
		"pricing", "identity", "session", "report", "archive", "events", "inventory", "checkout", "loyalty",
		"telemetry", "gateway", "profile", "routing", "forecast",
	}
	partWords = []string{
		"api", "worker", "web", "sync", "batch", "cache", "stream", "assets", "raw", "curated", "jobs", "uploads",
		"backup", "router", "consumer", "scheduler",
	}
	stageWords = []string{"prod", "live", "stage", "core", "int", "blue"}
	// Syllables of invented family names.
	syllables = []string{"ka", "vel", "mor", "ti", "ran", "dos", "lu", "ben", "shi", "tar", "no", "wex", "ril", "pa", "quor", "em"}
)

func subject(h uint64) string { return subjectWords[h%uint64(len(subjectWords))] }
func part(h uint64) string    { return partWords[h%uint64(len(partWords))] }
func stage(h uint64) string   { return stageWords[h%uint64(len(stageWords))] }

// invented returns the login of a person who does not exist, such as v.moranti.
func invented(h uint64) string {
	s := string(rune('a'+h%26)) + "."
	for i := range 3 {
		s += syllables[h>>(8+8*uint(i))%uint64(len(syllables))]
	}
	return s
}

// A pool is a kind of named things that every account has some of.
type pool uint8

const (
	poolBucket pool = iota
	poolObject
	poolRole
	poolUser
	poolPolicy
	poolFunction
	poolTable
	poolSecret
	poolParameter
	poolLogGroup
	poolQueue
	poolTopic
	poolRepository
	poolCluster
	poolDatabase
	poolZone
	poolDistribution
	poolTrail
	poolStack
	poolRule
	poolService
	poolAlarm
	poolCount
)

var poolByName = map[string]pool{
	"bucket": poolBucket, "object": poolObject, "role": poolRole, "user": poolUser, "policy": poolPolicy,
	"function": poolFunction, "table": poolTable, "secret": poolSecret, "parameter": poolParameter,
	"log-group": poolLogGroup, "queue": poolQueue, "topic": poolTopic, "repository": poolRepository,
	"cluster": poolCluster, "database": poolDatabase, "zone": poolZone, "distribution": poolDistribution,
	"trail": poolTrail, "stack": poolStack, "rule": poolRule, "service": poolService, "alarm": poolAlarm,
}

var poolSizes = [poolCount]int{
	poolBucket: 24, poolObject: 4000, poolRole: 40, poolUser: 12, poolPolicy: 20, poolFunction: 30, poolTable: 16,
	poolSecret: 18, poolParameter: 60, poolLogGroup: 40, poolQueue: 14, poolTopic: 10, poolRepository: 12,
	poolCluster: 3, poolDatabase: 6, poolZone: 5, poolDistribution: 4, poolTrail: 2, poolStack: 15, poolRule: 12,
	poolService: 12, poolAlarm: 25,
}

// poolName makes the name of thing i of a pool; h is random for it.
func poolName(k pool, a *account, i int, h uint64) string {
	base := subject(h) + "-" + part(h>>8)
	switch k {
	case poolBucket:
		return a.name + "-" + base + "-" + digits(h>>16, 6)
	case poolObject:
		switch i % 3 {
		case 0:
			return subject(h) + "/dt=2026-" + two(1+h>>20%12) + "-" + two(1+h>>28%28) + "/part-" + digits(h>>32, 5) + ".snappy.parquet"
		case 1:
			return "uploads/" + digits(h>>16, 4) + "/" + string(appendHex(nil, h, 12)) + ".json"
		}
		return part(h) + "/" + stage(h>>8) + "/" + subject(h>>16) + "-" + digits(h>>24, 4) + ".csv.gz"
	case poolUser:
		return invented(h)
	case poolPolicy:
		return base + "-" + [...]string{"read", "write", "deploy", "access"}[h>>16%4]
	case poolTable, poolAlarm:
		return subject(h) + "_" + part(h>>8) + "_" + stage(h>>16)
	case poolSecret:
		return stage(h>>16) + "/" + subject(h) + "/" + [...]string{"db-password", "api-key", "oauth-client", "tls-key"}[h>>24%4]
	case poolParameter:
		return "/" + stage(h>>16) + "/" + subject(h) + "/" + part(h>>8) + "/" + [...]string{"url", "token", "version", "timeout"}[h>>24%4]
	case poolLogGroup:
		if i%3 == 0 {
			return "/aws/ecs/" + base
		}
		return "/aws/lambda/" + base
	case poolRepository:
		return subject(h) + "/" + part(h>>8)
	case poolCluster:
		return stage(h) + "-" + [...]string{"main", "batch", "edge"}[i%3]
	case poolZone:
		return "Z" + key(h, 13)
	case poolDistribution:
		return "E" + key(h, 13)
	case poolTrail:
		return [...]string{"audit-trail", "ops-trail"}[i%2]
	default:
		return base
	}
}

func digits(h uint64, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + h%10)
		h /= 10
	}
	return string(b)
}

func two(v uint64) string { return string([]byte{byte('0' + v/10), byte('0' + v%10)}) }

// key returns n characters of the kind that AWS's ids are made of.
func key(h uint64, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = keyDigits[h&31]
		if h >>= 5; i%12 == 11 {
			h = mix(h, uint64(i))
		}
	}
	return string(b)
}
