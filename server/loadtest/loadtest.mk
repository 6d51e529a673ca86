# Measuring. What the scenarios are: go run ./server/loadtest -list. What came out: docs/performance.md.

SCENARIOS ?=
REPEAT ?= 3
CONTENDERS ?= go,node
STORE ?= mariadb

# The packages whose benchmarks bench-compare runs, and how often.
BENCH_PACKAGES ?= ./models ./handlers ./server/engineio ./server/engineio/codec
BENCH_COUNT ?= 6
BENCHSTAT := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da
RUN_BENCHMARKS = go test -run '^$$' -bench . -benchmem -count $(BENCH_COUNT) $(BENCH_PACKAGES)

.PHONY: bench bench-baseline bench-compare profile

bench: ## load the Go server and the Node reference in turn (SCENARIOS=, REPEAT=3, CONTENDERS=go,node, STORE=mariadb)
	@mkdir -p bin
	go run ./server/loadtest -scenarios '$(SCENARIOS)' -repetitions $(REPEAT) -contenders '$(CONTENDERS)' -store $(STORE) -json bin/bench.json

bench-baseline: ## save the Go benchmarks' results for bench-compare
	@mkdir -p bin
	$(RUN_BENCHMARKS) | tee bin/bench-new.txt
	mv bin/bench-new.txt bin/bench-baseline.txt

bench-compare: ## run the Go benchmarks and compare them with bench-baseline
	@test -f bin/bench-baseline.txt || { echo 'There is no baseline yet: run "make bench-baseline" on the version to compare with.' >&2; exit 1; }
	$(RUN_BENCHMARKS) | tee bin/bench-new.txt
	go run $(BENCHSTAT) bin/bench-baseline.txt bin/bench-new.txt

profile: ## where the Go server's time goes in a burst and in a fan-out to a class of 1000
	rm -rf bin/profiles
	go run ./server/loadtest -scenarios burst-0s -repetitions $(REPEAT) -contenders go -profiles bin/profiles/burst
	go run ./server/loadtest -scenarios one-by-one -repetitions $(REPEAT) -contenders go -profiles bin/profiles/fan-out
	go tool pprof -top -nodecount 25 bin/profiles/burst/*.cpu
	go tool pprof -top -nodecount 25 bin/profiles/fan-out/*.cpu
