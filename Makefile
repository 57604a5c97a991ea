# What a contributor runs. CI runs .ci/run, which is all of it.

.PHONY: all build test race lint fuzz crash crash-s3 bench ci

all: build test

build:
	go install ./cmd/traillake

test:
	go test ./...

race:
	go test -race ./...

lint:
	.ci/run lint

fuzz:
	.ci/run fuzz

# Processes that ingest into one lake, query it and keep it in order, killed at random.
ROUNDS ?= 1000
crash:
	go test ./cmd/traillake/command -count=1 -timeout 0 -v -run '^TestCrash$$' -crash.rounds=$(ROUNDS)

# The same with a lake on S3, behind a relay that loses replies.
crash-s3:
	TRAILLAKE_REQUIRE_S3=1 go test ./cmd/traillake/command -count=1 -timeout 0 -v -run '^TestCrashS3$$' -crash.s3rounds=$(ROUNDS)

bench:
	go test -run '^$$' -bench . -benchmem ./...

ci:
	.ci/run
