# What a contributor runs. CI runs .ci/run, which is all of it.

.PHONY: all build test race lint fuzz bench ci

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

bench:
	go test -run '^$$' -bench . -benchmem ./...

ci:
	.ci/run
