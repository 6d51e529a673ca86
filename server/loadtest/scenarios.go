//go:build linux

package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// scenario is one load. Each run of it gets a new server and an empty database.
type scenario struct {
	name  string
	about string
	run   func(r *run) error
	once  bool // takes long and hardly varies: one repetition is enough
	extra bool // only when it is asked for by name

	cluster clusterLayout
}

var (
	overPolling = kind{revision: 4, polling: true}
	old         = kind{revision: 3}
	oldPolling  = kind{revision: 3, polling: true}
)

// heartbeat is the servers' default interval between pings. Idle servers are measured for one interval, so that every client pings
// once.
const heartbeat = 25 * time.Second

var scenarios = append([]scenario{
	{name: "one-by-one", about: "a class of 1000, marks one after the other", run: oneByOne(1, 1000, 300)},
	{name: "burst-0s", about: "40 classes of 50, all mark in the same instant", run: burst(40, 50, 0, 5)},
	{name: "burst-200ms", about: "the same marks over 0.2 s", run: burst(40, 50, 200*time.Millisecond, 4)},
	{name: "burst-1s", about: "the same marks over 1 s", run: burst(40, 50, time.Second, 2)},
	{name: "burst-5s", about: "the same marks over 5 s", run: burst(40, 50, 5*time.Second, 1)},
	{name: "churn", about: "2000 students connect, identify, join, leave and go", run: churn(40, 50)},
	{name: "disconnect-1000", about: "1000 members lose their connections at once", run: disconnect(1000)},
	{name: "disconnect-5000", about: "5000 members lose their connections at once", run: disconnect(5000)},
	{name: "storm", about: "4900 students connect, identify and join within three seconds", run: storm(5000, 3*time.Second)},
	{name: "idle-10000", about: "10000 clients that do nothing", run: idle(10000, 10*time.Second, heartbeat), once: true},
	{name: "polling", about: "a class of 200 on long-polling, marks one after the other", run: oneByOne(1, 200, 150, overPolling)},
	{name: "polling-burst", about: "4 classes of 50 on long-polling, all mark in the same instant", run: burst(4, 50, 0, 5, overPolling)},
	{name: "old-burst", about: "40 classes of 50 with Engine.IO 3, all mark in the same instant", run: burst(40, 50, 0, 5, old)},
	{name: "mixed", about: "40 classes of 50 on clients of all kinds: join, mark, lose the connection, end", run: mixed(40, 50, 4*time.Second)},

	{name: "burst-proof", about: "the marks of burst-0s with a code, in sessions that also have a time from which on students are late", run: burstWithRules(40, 50, 5), extra: true},
	{name: "disconnect-20000", about: "20000 members, or as many as files may be open, lose their connections at once", run: disconnect(20000), extra: true},
	{name: "idle-50000", about: "50000 clients, or as many as files may be open, that do nothing", run: idle(50000, 10*time.Second, heartbeat), once: true, extra: true},
	{name: "size-50", about: "one class of 50, marks one after the other", run: oneByOne(1, 50, 1000), extra: true},
	{name: "size-500", about: "one class of 500, marks one after the other", run: oneByOne(1, 500, 400), extra: true},
	{name: "size-5000", about: "one class of 5000, marks one after the other", run: oneByOne(1, 5000, 100), extra: true},
	{name: "classes-1", about: "1 class of 15, marks one after the other", run: oneByOne(1, 15, 6000), extra: true},
	{name: "classes-1000", about: "1000 classes of 15, marks one after the other", run: oneByOne(1000, 15, 6000), extra: true},
}, nodesScenarios()...)

// nodesScenarios are loads on one server and on clusters of several sizes.
func nodesScenarios() (all []scenario) {
	layouts := []clusterLayout{{}, {nodes: 1}, {nodes: 2, redis: true}, {nodes: 3, redis: true}, {nodes: 3}}
	for _, load := range []scenario{
		{name: "lone", about: "a class of 200, marks one after the other", run: oneByOne(1, 200, 300)},
		{name: "burst", about: "40 classes of 50, all mark in the same instant", run: burst(40, 50, 0, 5)},
		{name: "churn", about: "2000 students connect, identify, join, leave and go", run: churn(40, 50)},
	} {
		for _, layout := range layouts {
			all = append(all, scenario{
				name: fmt.Sprintf("nodes-%s-%s", load.name, layout), about: layout.about() + ": " + load.about,
				run: load.run, extra: true, cluster: layout,
			})
		}
	}
	return all
}

// choose returns the scenarios that are named in the list, "size" standing for all that begin with "size-"; without a
// list the usual ones.
func choose(names string) ([]scenario, error) {
	if names == "" {
		return slices.DeleteFunc(slices.Clone(scenarios), func(s scenario) bool { return s.extra }), nil
	}
	var chosen []scenario
	for name := range strings.SplitSeq(names, ",") {
		before := len(chosen)
		for _, s := range scenarios {
			if s.name == name || strings.HasPrefix(s.name, name+"-") {
				chosen = append(chosen, s)
			}
		}
		if len(chosen) == before {
			return nil, fmt.Errorf("no scenario is called %q; -list shows them all", name)
		}
	}
	return chosen, nil
}

// grouped groups scenarios that follow each other and whose names are the same before the first dash.
func grouped(scenarios []scenario) (groups [][]scenario) {
	current := ""
	for _, s := range scenarios {
		name, _, _ := strings.Cut(s.name, "-")
		if len(groups) == 0 || name != current {
			groups, current = append(groups, nil), name
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], s)
	}
	return groups
}
