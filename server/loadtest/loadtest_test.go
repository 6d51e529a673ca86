//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// It says nothing about speed. It keeps `make bench` working, and the generator checks every delivery. The server stores in
// SQLite; neither Node nor MariaDB is needed.
func TestScenariosSmallRunHasNoFault(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	small := []scenario{
		{name: "one-by-one", run: oneByOne(2, 6, 20)},
		{name: "one-by-one-old", run: oneByOne(2, 6, 20, old, oldPolling)},
		{name: "burst", run: burst(3, 8, 0, 2, modern, overPolling, old, oldPolling)},
		{name: "burst-proof", run: burstWithRules(3, 8, 2, modern, overPolling, old)},
		{name: "burst-spread", run: burst(3, 8, 50*time.Millisecond, 1)},
		{name: "churn", run: churn(2, 8)},
		{name: "disconnect", run: disconnect(100)},
		{name: "idle", run: idle(50, 10*time.Millisecond, 10*time.Millisecond)},
		{name: "mixed", run: mixed(2, 10, 50*time.Millisecond)},
	}
	var table strings.Builder
	numbers := filepath.Join(t.TempDir(), "numbers.json")
	err = loadtest(t.Context(), &table, options{
		root: root, scenarios: small, contenders: []string{goContender}, repetitions: 1, store: "sqlite", jsonFile: numbers,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, table.String())
	}
	text, err := os.ReadFile(numbers)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range small {
		if !strings.Contains(table.String(), s.name+":") || !strings.Contains(string(text), `"`+s.name+`"`) {
			t.Errorf("%s is missing in the table or in the JSON:\n%s", s.name, table.String())
		}
	}
}

func TestClusterScenarioSmallRunHasNoFault(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	small := []scenario{
		{name: "lone", run: oneByOne(2, 6, 20), cluster: clusterLayout{nodes: 2}},
		{name: "burst", run: burst(3, 8, 0, 2), cluster: clusterLayout{nodes: 3, redis: true}},
		{name: "churn", run: churn(2, 8), cluster: clusterLayout{nodes: 2, redis: true}},
	}
	var table strings.Builder
	err = loadtest(t.Context(), &table, options{root: root, scenarios: small, contenders: []string{goContender}, repetitions: 1, store: "mariadb"})
	if err != nil {
		t.Fatalf("%v\n%s", err, table.String())
	}
	if text := table.String(); strings.Count(text, "delivery between nodes p99") != 2 {
		t.Errorf("the table has no deliveries between nodes:\n%s", text)
	}
}

func TestChooseTakesNamesAndPrefixes(t *testing.T) {
	chosen, err := choose("disconnect,size-50")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range chosen {
		names = append(names, s.name)
	}
	if got := strings.Join(names, " "); got != "disconnect-1000 disconnect-5000 disconnect-20000 size-50" {
		t.Errorf("chosen: %s", got)
	}
	if groups := grouped(chosen); len(groups) != 2 || len(groups[0]) != 3 || groups[1][0].name != "size-50" {
		t.Errorf("grouped as %v", groups)
	}
	if _, err := choose("brust"); err == nil {
		t.Error("an unknown name was accepted")
	}
}
