//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"text/tabwriter"
)

// metric is one number that a scenario measured.
type metric struct {
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Value float64 `json:"value"`
}

// outcome is what one run of a scenario against one contender gave.
type outcome struct {
	Scenario   string   `json:"scenario"`
	Contender  string   `json:"contender"`
	Repetition int      `json:"repetition"`
	Metrics    []metric `json:"metrics"`
	Error      string   `json:"error,omitempty"`
}

// report holds the outcomes of a whole run.
type report struct {
	Machine    string    `json:"machine"`
	Store      string    `json:"store"`
	Contenders []string  `json:"contenders"`
	Outcomes   []outcome `json:"outcomes"`
}

// machine says what the numbers were measured on.
func machine() string {
	model := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, found := bytes.Cut(text, []byte("model name\t: ")); found {
			line, _, _ := bytes.Cut(rest, []byte("\n"))
			model = string(line)
		}
	}
	return fmt.Sprintf("%d × %s, %s", runtime.NumCPU(), model, runtime.Version())
}

func (r *report) writeJSON(file string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o600)
}

// writeTable prints the medians of a scenario with their minima and maxima, and each contender's ratio to the reference.
func (r *report) writeTable(out io.Writer, s scenario) error {
	_, _ = fmt.Fprintf(out, "\n%s: %s\n", s.name, s.about) // the Flush below reports a broken output
	table := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprint(table, "\t")
	for _, contender := range r.Contenders {
		_, _ = fmt.Fprintf(table, "%s\t", contender)
	}
	others := slices.DeleteFunc(slices.Clone(r.Contenders), func(name string) bool { return name == nodeContender })
	compared := len(others) < len(r.Contenders)
	if compared {
		for _, contender := range others {
			_, _ = fmt.Fprintf(table, "%s / %s\t", contender, nodeContender)
		}
	}
	_, _ = fmt.Fprintln(table)
	for _, m := range r.metricsOf(s.name) {
		name := m.Name
		if m.Unit != "" {
			name += ", " + m.Unit
		}
		_, _ = fmt.Fprintf(table, "%s\t", name)
		for _, contender := range r.Contenders {
			_, _ = fmt.Fprintf(table, "%s\t", spread(r.values(s.name, contender, m.Name)))
		}
		if reference := median(r.values(s.name, nodeContender, m.Name)); compared && reference != 0 {
			for _, contender := range others {
				if values := r.values(s.name, contender, m.Name); len(values) > 0 {
					_, _ = fmt.Fprintf(table, "%.2f\t", median(values)/reference)
				} else {
					_, _ = fmt.Fprint(table, "\t")
				}
			}
		}
		_, _ = fmt.Fprintln(table)
	}
	for _, o := range r.Outcomes {
		if o.Scenario == s.name && o.Error != "" {
			_, _ = fmt.Fprintf(table, "FAILED: %s, repetition %d: %s\n", o.Contender, o.Repetition, o.Error)
		}
	}
	return table.Flush()
}

// metricsOf returns the scenario's metrics in the order in which they were first recorded; the values mean nothing.
func (r *report) metricsOf(scenario string) []metric {
	var all []metric
	for _, o := range r.Outcomes {
		if o.Scenario != scenario {
			continue
		}
		for _, m := range o.Metrics {
			if !slices.ContainsFunc(all, func(other metric) bool { return other.Name == m.Name }) {
				all = append(all, m)
			}
		}
	}
	return all
}

func (r *report) values(scenario, contender, name string) []float64 {
	var values []float64
	for _, o := range r.Outcomes {
		for _, m := range o.Metrics {
			if o.Scenario == scenario && o.Contender == contender && m.Name == name {
				values = append(values, m.Value)
			}
		}
	}
	slices.Sort(values)
	return values
}

// median expects sorted values; that of none is 0.
func median(values []float64) float64 {
	n := len(values)
	if n == 0 {
		return 0
	}
	return (values[(n-1)/2] + values[n/2]) / 2
}

func spread(values []float64) string {
	switch n := len(values); n {
	case 0:
		return "–"
	case 1:
		return number(values[0])
	default:
		return fmt.Sprintf("%s (%s–%s)", number(median(values)), number(values[0]), number(values[n-1]))
	}
}

func number(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	default:
		return fmt.Sprintf("%.0f", v)
	}
}
