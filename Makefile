# `make run` starts the server with a demo class, `make test` checks everything. `make help` lists the rest.

FUZZTIME ?= 20s

# The race detector leaves SQLite's translated C out, and the C library and allocator that only this uses. They would take most of the time
# of the tests. They share no generic code with other packages. The linker keeps one copy of a generic function, and one without the
# detector, as that of sync.Map in the package around them, would hide synchronization everywhere.
RACE := -race $(foreach package,modernc.org/sqlite/lib modernc.org/libc modernc.org/memory,-gcflags=$(package)=-race=false)

# The page is built again when one of these changes.
WEB_SOURCES := $(shell find public -path public/node_modules -prune -o -path public/dist -prune -o \
	-path public/client/dist -prune -o -path public/client/src/generated -prune -o \
	-path public/client/LICENSE -prune -o -path public/tests -prune -o -path public/test-results -prune -o -type f -not -name '*.go' -print)
GO_SOURCES := $(shell find . -path '*/node_modules' -prune -o -name '*.go' -not -name '*_test.go' -print) go.mod go.sum

# The suites of `make test` and of `make lint`, the longest first: two of them run at a time.
TESTS := test-go test-browser test-clients test-cluster test-kit test-web
LINTERS := lint-go lint-web lint-api

# What the Go formatters look at: some npm packages contain Go files.
GO_TREES := handlers models server public/*.go .ci

# Colours and notices would garble the output of two suites that run at a time.
export NO_COLOR := 1
export npm_config_fund := false
export npm_config_audit := false
export npm_config_update_notifier := false
# Without this each process under the race detector waits a second before it exits.
export GORACE := atexit_sleep_ms=0

.PHONY: help run web client release release-check test prerequisites $(TESTS) chaos test-seeded test-cuts e2e lint $(LINTERS) fmt check fuzz transcript screenshot clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: web ## build the page and start the server with SQLite and a demo class on http://localhost:5014
	DEMO=true go run ./server

web: public/dist/index.html ## build the page into public/dist, which the server embeds

public/node_modules/.package-lock.json: public/package.json public/package-lock.json
	cd public && npm ci --no-progress
	@touch $@

public/dist/index.html: public/node_modules/.package-lock.json $(WEB_SOURCES)
	cd public && npm run --silent build
	@touch $@

client: public/client/dist/index.js ## build the npm package of public/client

# The types come from the server's own documents: rest.ts from OpenAPI, events.ts from AsyncAPI.
public/client/src/generated/rest.ts: public/node_modules/.package-lock.json public/client/generate.mjs $(GO_SOURCES)
	@mkdir -p bin/types
	go run $(RACE) ./.ci/openapi bin/types
	cd public && node client/generate.mjs ../bin/types/openapi-open.json ../bin/types/asyncapi-open.json

public/client/dist/index.js: public/client/src/generated/rest.ts $(wildcard public/client/src/*.ts public/client/src/*/*.ts) public/client/tsconfig.json
	rm -rf public/client/dist
	cd public && node_modules/.bin/tsc -p client

VERSION ?= $(shell git describe --tags --always --dirty)

release: web client ## static binaries for Linux and macOS with checksums in bin/release; VERSION names them
	.ci/release $(VERSION) bin/release

# The tests use what plain `go build` makes, the release is built by .ci/build: so real clients try the released binary, too.
release-check: release ## let real clients try the release, and build it a second time, from a copy and with an empty cache, for the same checksums
	cd public && SERVER_BINARY=$(CURDIR)/bin/release/attendance-$(shell go env GOOS)-$(shell go env GOARCH) \
		node --test --test-reporter=spec tests/clients/class.test.mjs tests/clients/restart.test.mjs
	@.ci/release-check $(VERSION) bin/release

# One server under the race detector carries the real clients and the browser.
bin/attendance-race: $(GO_SOURCES) public/dist/index.html
	go build $(RACE) -o $@ ./server

# The vet tool of this project, and with it staticcheck, revive, gofumpt and goimports.
bin/lint: .ci/lint/go.mod $(wildcard .ci/lint/*.go)
	cd .ci/lint && GOBIN=$(CURDIR)/bin go install . tool

test: prerequisites web client bin/attendance-race ## all tests: Go with -race, real clients, real databases, the browser
	@.ci/suites $(TESTS)

prerequisites: ## install what the tests need (as root on Debian), or name what is missing
	@.ci/prerequisites

# `make lint` vets. Most tests that run in parallel wait for a database to give up.
test-go: public/dist/index.html
	go test $(RACE) -vet=off -parallel 4 -timeout 30m ./...

server/loadtest/reference/node_modules/.package-lock.json: server/loadtest/reference/package.json server/loadtest/reference/package-lock.json
	cd server/loadtest/reference && npm ci --no-progress
	@touch $@

# The matrix compares the server with the official one, which the reference is made of.
test-clients: bin/attendance-race server/loadtest/reference/node_modules/.package-lock.json
	cd public && SERVER_BINARY=$(CURDIR)/bin/attendance-race node --test --test-reporter=spec tests/clients/*.test.mjs

# The checker's own tests, then a run of it with three nodes and every fault.
test-cluster: bin/attendance-race
	cd public && node --test --test-reporter=spec tests/cluster/*.test.mjs
	cd public && SERVER_BINARY=$(CURDIR)/bin/attendance-race node tests/cluster/run.mjs $(CHECKER)

FAULTS = redis-loss,redis-cut,redis-kill,redis-pause,rolling-restart,kill,pause,database-kill,database-pause
CHECKER = --nodes=3 --clients=40 --seconds=20 --held=6 --patience=2 --faults=$(FAULTS)

chaos: CHECKER = --nodes=3 --clients=300 --seconds=600 --held=20 --faults=$(FAULTS),cut
chaos: test-cluster ## ten minutes of load and faults, and what every client saw compared with the database

bin/attendance-seeded: $(GO_SOURCES) public/dist/index.html
	go build $(RACE) -tags seeded_bug -o $@ ./server

test-seeded: bin/attendance-seeded ## run the checker with each seeded bug, which it must notice (docs/checker.md)
	cd public && SERVER_BINARY=$(CURDIR)/$< node tests/cluster/seeded.mjs

test-browser: bin/attendance-race
	cd public && SERVER_BINARY=$(CURDIR)/bin/attendance-race npm run --silent browser

# The npm package: with a few cuts here, with 1000 in test-cuts.
test-kit: bin/attendance-race public/client/dist/index.js
	cd public && SERVER_BINARY=$(CURDIR)/bin/attendance-race npm run --silent kit

test-cuts: export CUTS = 1000
test-cuts: test-kit ## 1000 lost connections under load, after each of which the npm package shows what the database holds

test-web: public/node_modules/.package-lock.json
	cd public && npm test --silent

e2e: test-clients test-browser ## the official Socket.IO clients and Chromium against the real server

lint: public/node_modules/.package-lock.json ## import rules, mistakes, formatting, dead code; tsc and ESLint; the OpenAPI and AsyncAPI documents
	@.ci/suites $(LINTERS)

# With the flags of the tests, what they have compiled need not be compiled again.
lint-go: bin/lint
	go vet $(RACE) -vettool=$(CURDIR)/bin/lint ./...
	go vet $(RACE) -vettool=$(CURDIR)/bin/lint -tags seeded_bug ./models ./server/app
	GOFLAGS='$(RACE)' bin/staticcheck -checks U1000 ./...
	bin/revive -config .ci/lint/revive.toml -set_exit_status ./handlers/... ./models/... ./server/... ./public
	@test -z "$$(bin/gofumpt -l $(GO_TREES); bin/goimports -local github.com/neuracampus/attendance -l $(GO_TREES))" || \
		{ echo 'Some files are not formatted: run "make fmt".'; exit 1; }

lint-web: public/client/src/generated/rest.ts
	cd public && npm run --silent lint

# A warning is a failure, too.
lint-api: export REDOCLY_TELEMETRY := off
lint-api: export REDOCLY_SUPPRESS_UPDATE_NOTICE := true
lint-api: public/node_modules/.package-lock.json .ci/asyncapi/node_modules/.package-lock.json
	@mkdir -p bin
	go run $(RACE) ./.ci/openapi bin
	public/node_modules/.bin/redocly lint --extends recommended-strict --format stylish bin/openapi-open.json bin/openapi-signed.json
	node .ci/asyncapi/lint.mjs bin/asyncapi-open.json bin/asyncapi-signed.json

# Apart from the page's packages, because the parser brings more than a hundred.
.ci/asyncapi/node_modules/.package-lock.json: .ci/asyncapi/package.json .ci/asyncapi/package-lock.json
	cd .ci/asyncapi && npm ci --no-progress
	@touch $@

fmt: bin/lint ## format the Go code
	bin/goimports -local github.com/neuracampus/attendance -w $(GO_TREES)
	bin/gofumpt -w $(GO_TREES)

check: lint ## lint, and fail if `go mod tidy` would change a file
	go mod tidy -diff

fuzz: ## run every fuzz target for FUZZTIME (20s)
	@.ci/fuzz $(FUZZTIME)

transcript: bin/attendance-race ## a 4.x and a 2.x client in one class, every event as it goes over the wire
	cd public && SERVER_BINARY=$(CURDIR)/bin/attendance-race node tests/clients/transcript.mjs

screenshot: bin/attendance-race ## take docs/teacher.png anew, with Chromium
	cd public && SERVER_BINARY=$(CURDIR)/bin/attendance-race node tests/clients/screenshot.mjs

clean: ## remove what was built
	rm -rf bin public/node_modules public/test-results public/client/dist public/client/LICENSE public/client/src/generated server/loadtest/reference/node_modules .ci/asyncapi/node_modules
	find public/dist -mindepth 1 -not -name .gitkeep -delete

# make bench, bench-compare and profile
-include server/loadtest/loadtest.mk
