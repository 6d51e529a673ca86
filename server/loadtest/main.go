//go:build linux

// Command loadtest measures the attendance server beside the same protocol on the official Socket.IO server for Node
// (reference/). It starts both, each with an empty database, loads them in turn with thousands of Socket.IO clients, checks
// every delivery, and prints medians and ratios.
//
//	go run ./server/loadtest                                  the usual scenarios, three repetitions
//	go run ./server/loadtest -list                            the list of scenarios
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
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// options say what to measure and where to put it.
type options struct {
	root        string // the repository's top directory
	scenarios   []scenario
	contenders  []string // go, node, or paths of server binaries
	repetitions int
	store       string // mariadb or sqlite
	jsonFile    string // "" for none
	profiles    string // directory, "" for none
}

func main() {
	names := flag.String("scenarios", "", "names, or what names begin with before a dash, separated by commas; empty: the usual ones")
	contenders := flag.String("contenders", "go,node", "what to measure: go, node, or paths of server binaries built earlier")
	repetitions := flag.Int("repetitions", 3, "how often to measure each")
	store := flag.String("store", "mariadb", "what the Go server stores in: mariadb or sqlite (the reference has MariaDB)")
	jsonFile := flag.String("json", "", "file for all numbers as JSON")
	profiles := flag.String("profiles", "", "directory for profiles of the Go server")
	list := flag.Bool("list", false, "list the scenarios and end")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "there is no argument %q\n", flag.Arg(0))
		os.Exit(2)
	}
	if *list {
		for _, s := range scenarios {
			fmt.Printf("%-14s %s\n", s.name, s.about)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command(ctx, *names, options{
		contenders: strings.Split(*contenders, ","), repetitions: *repetitions,
		store: *store, jsonFile: *jsonFile, profiles: *profiles,
	})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadtest:", err)
		os.Exit(1)
	}
}

// command completes the options and runs them.
func command(ctx context.Context, names string, o options) (err error) {
	if o.scenarios, err = choose(names); err != nil {
		return err
	}
	if o.store != "mariadb" && o.store != "sqlite" {
		return fmt.Errorf("-store is %q, but can be mariadb or sqlite", o.store)
	}
	if o.root, err = filepath.Abs("."); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(o.root, "go.mod")); err != nil {
		return fmt.Errorf("start it in the repository's top directory: %w", err)
	}
	return loadtest(ctx, os.Stdout, o)
}

// loadtest measures, and writes the tables of each group of scenarios as soon as it has them. The error says whether a run failed.
func loadtest(ctx context.Context, out io.Writer, o options) (err error) {
	report := &report{Machine: machine(), Store: o.store, Contenders: o.contenders}
	b := &bench{root: o.root, sqlite: o.store == "sqlite"}
	if o.profiles != "" {
		if b.profiles, err = filepath.Abs(o.profiles); err != nil {
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
	if b.files, err = openFilesLimit(); err != nil {
		return err
	}
	for _, contender := range o.contenders {
		if err := b.prepare(ctx, contender); err != nil {
			return err
		}
	}
	if !b.sqlite || slices.Contains(o.contenders, nodeContender) {
		if b.database, err = startMariaDB(ctx, b.scratch); err != nil {
			return err
		}
		defer b.database.stop()
	}
	defer func() {
		if b.redis != nil {
			b.redis.stop()
		}
	}()
	for _, group := range grouped(o.scenarios) {
		if err := b.alternate(ctx, group, o, report); err != nil {
			return err
		}
		for _, s := range group {
			if err := report.writeTable(out, s); err != nil {
				return err
			}
		}
		if o.jsonFile != "" {
			if err := report.writeJSON(o.jsonFile); err != nil {
				return err
			}
		}
	}
	if slices.ContainsFunc(report.Outcomes, func(o outcome) bool { return o.Error != "" }) {
		return fmt.Errorf("some runs failed; the tables say which")
	}
	return nil
}

// alternate measures scenarios and contenders that are to be compared in turn, so that a change of the machine's speed affects
// all of them.
func (b *bench) alternate(ctx context.Context, scenarios []scenario, o options, report *report) error {
	for repetition := 1; repetition <= o.repetitions; repetition++ {
		for _, s := range scenarios {
			if s.once && repetition > 1 {
				continue
			}
			for _, contender := range o.contenders {
				if s.cluster.nodes > 0 && contender == nodeContender {
					continue // the reference has no cluster
				}
				outcome := b.measure(ctx, s, contender)
				if err := ctx.Err(); err != nil {
					return err
				}
				outcome.Repetition = repetition
				report.Outcomes = append(report.Outcomes, outcome)
			}
		}
	}
	return nil
}
