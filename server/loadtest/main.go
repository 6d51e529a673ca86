//go:build linux

// Command loadtest measures the attendance server under the loads that schools make, beside the same protocol on the
// official Socket.IO server for Node (reference/). It starts both, each with an empty database, drives them with
// thousands of Socket.IO clients in turn, checks every delivery, and prints medians and ratios.
//
//	go run ./server/loadtest                                  all scenarios, three repetitions
//	go run ./server/loadtest -list                            what there is
//	go run ./server/loadtest -scenarios burst,churn -repetitions 1
//	go run ./server/loadtest -contenders go,node,/tmp/server-before
//
// One goroutine with an epoll set carries all clients: the machine is shared with the server that is measured, and the
// report says how much of it the generator took.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// scenario is one load. Each run of it gets a new server and an empty database.
type scenario struct {
	name  string
	about string
	run   func(r *run) error
	extra bool // only when it is asked for by name
}

var scenarios = []scenario{
	{name: "one-by-one", about: "a class of 1000, marks one after the other", run: oneByOne(1, 1000, 300)},
	{name: "burst-0s", about: "40 classes of 50, all mark in the same instant", run: burst(40, 50, 0, 5)},
	{name: "burst-200ms", about: "the same marks over 0.2 s", run: burst(40, 50, 200*time.Millisecond, 4)},
	{name: "burst-1s", about: "the same marks over 1 s", run: burst(40, 50, time.Second, 2)},
	{name: "burst-5s", about: "the same marks over 5 s", run: burst(40, 50, 5*time.Second, 1)},
	{name: "churn", about: "2000 students connect, identify, join, leave and go", run: churn(40, 50)},
	{name: "vanish-1000", about: "1000 members lose their connections at once", run: vanish(1000)},
	{name: "vanish-5000", about: "5000 members lose their connections at once", run: vanish(5000)},
	{name: "vanish-19000", about: "19000 members lose their connections at once", run: vanish(19000), extra: true},
	{name: "idle-10000", about: "10000 clients that do nothing", run: idle(10000, 60*time.Second)},
	{name: "idle-19500", about: "19500 clients that do nothing", run: idle(19500, 10*time.Second), extra: true},
	{name: "idle-50000", about: "50000 clients that do nothing", run: idle(50000, 10*time.Second), extra: true},
	{name: "polling", about: "a class of 200 on long-polling, marks one after the other", run: oneByOne(1, 200, 150, kind{revision: 4, polling: true})},
	{name: "polling-burst", about: "4 classes of 50 on long-polling, all mark in the same instant", run: burst(4, 50, 0, 5, kind{revision: 4, polling: true})},
	{name: "size-0050", about: "one class of 50, marks one after the other", run: oneByOne(1, 50, 1000)},
	{name: "size-0500", about: "one class of 500, marks one after the other", run: oneByOne(1, 500, 400)},
	{name: "size-5000", about: "one class of 5000, marks one after the other", run: oneByOne(1, 5000, 100), extra: true},
	{name: "classes-1", about: "1 class of 15, marks one after the other", run: oneByOne(1, 15, 2000)},
	{name: "classes-1000", about: "1000 classes of 15, marks one after the other", run: oneByOne(1000, 15, 2000), extra: true},
	{name: "school-day", about: "40 classes of 50 on clients of all sorts", run: schoolDay},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := loadtest(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(1)
	}
}

func loadtest(ctx context.Context) error {
	names := flag.String("scenarios", "", "names, or beginnings of names, separated by commas; empty: the usual ones")
	contenders := flag.String("contenders", "go,node", "what to measure: go, node, or paths of server binaries built earlier")
	repetitions := flag.Int("repetitions", 3, "how often to measure each")
	store := flag.String("store", "mariadb", "what the Go server stores in: mariadb or sqlite (the reference has MariaDB)")
	jsonFile := flag.String("json", "", "file for all numbers as JSON")
	profiles := flag.String("profiles", "", "directory for CPU profiles of the Go server, one per run")
	list := flag.Bool("list", false, "list the scenarios and end")
	flag.Parse()

	if *list {
		for _, s := range scenarios {
			fmt.Printf("%-14s %s\n", s.name, s.about)
		}
		return nil
	}
	chosen, err := choose(*names)
	if err != nil {
		return err
	}
	if *store != "mariadb" && *store != "sqlite" {
		return fmt.Errorf("-store is %q, but can be mariadb or sqlite", *store)
	}
	report := &report{Database: *store, Contenders: strings.Split(*contenders, ",")}
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		return fmt.Errorf("start it in the repository's top directory: %w", err)
	}
	b := &bench{root: root, sqlite: *store == "sqlite"}
	if *profiles != "" {
		if b.profiles, err = filepath.Abs(*profiles); err != nil {
			return err
		}
		if err := os.MkdirAll(b.profiles, 0o755); err != nil {
			return err
		}
	}
	if b.scratch, err = os.MkdirTemp("", "attendance-loadtest-"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.scratch) }() // leftovers in the temporary directory do no harm
	files, err := openFilesLimit()
	if err != nil {
		return err
	}
	for _, contender := range report.Contenders {
		if err := b.prepare(ctx, contender); err != nil {
			return err
		}
	}
	if !b.sqlite || slices.Contains(report.Contenders, nodeContender) {
		if b.database, err = startMariaDB(ctx, b.scratch); err != nil {
			return err
		}
		defer b.database.stop()
	}

	failed := false
	for _, s := range chosen {
		for repetition := 1; repetition <= *repetitions; repetition++ {
			for _, contender := range report.Contenders {
				result := b.measure(ctx, s, contender, files)
				if err := ctx.Err(); err != nil {
					return err
				}
				result.Repetition = repetition
				failed = failed || result.Error != ""
				report.Outcomes = append(report.Outcomes, result)
			}
		}
		if err := report.writeTable(os.Stdout, s); err != nil {
			return err
		}
		if *jsonFile != "" {
			if err := report.writeJSON(*jsonFile); err != nil {
				return err
			}
		}
	}
	if failed {
		return fmt.Errorf("some runs failed; the tables say which")
	}
	return nil
}

// choose returns the scenarios whose names begin with one of those in the list.
func choose(names string) ([]scenario, error) {
	var chosen []scenario
	if names == "" {
		return slices.DeleteFunc(slices.Clone(scenarios), func(s scenario) bool { return s.extra }), nil
	}
	for name := range strings.SplitSeq(names, ",") {
		before := len(chosen)
		for _, s := range scenarios {
			if strings.HasPrefix(s.name, name) {
				chosen = append(chosen, s)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("no scenario is called %q; -list shows them all", name)
		}
	}
	return chosen, nil
}

// measure runs one scenario against a new server.
func (b *bench) measure(ctx context.Context, s scenario, contender string, files int) outcome {
	result := outcome{Scenario: s.name, Contender: contender}
	server, err := b.start(ctx, contender)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	defer server.stop()
	r := &run{server: server, database: b.database, files: files}
	if b.sqlite && contender != nodeContender {
		r.database = nil
	}
	err = s.run(r)
	result.Metrics = r.metrics
	if err != nil {
		result.Error = fmt.Sprintf("%v; the server's last words: %q", err, server.lastWords())
	}
	return result
}
