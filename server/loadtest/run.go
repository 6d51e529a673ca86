//go:build linux

package main

import "time"

// settling is how long a server is left alone before and after a measurement: what it puts off counts as well.
const settling = 200 * time.Millisecond

// run is one scenario against one server.
type run struct {
	server   *server
	others   []*server // further nodes of its cluster
	database *mariaDB  // nil with SQLite
	files    int       // limit of open files, of the server and of the generator
	metrics  []metric
}

func (r *run) addresses() []string {
	addresses := []string{r.server.address()}
	for _, other := range r.others {
		addresses = append(addresses, other.address())
	}
	return addresses
}

func (r *run) record(name, unit string, value float64) {
	r.metrics = append(r.metrics, metric{name, unit, value})
}

// cost is what something took of the machine.
type cost struct {
	elapsed                     time.Duration // without the settling
	server, database, generator time.Duration // processor time
}

func (c *cost) add(other cost) {
	c.elapsed += other.elapsed
	c.server += other.server
	c.database += other.database
	c.generator += other.generator
}

// measure runs work, once everything before it has settled, and returns what it cost.
func (r *run) measure(l *load, work func() error) (cost, error) {
	if err := l.loop.sleepUntil(time.Now().Add(settling)); err != nil {
		return cost{}, err
	}
	if err := r.server.profile(true); err != nil {
		return cost{}, err
	}
	begin := r.clocks()
	start := time.Now()
	err := work()
	elapsed := time.Since(start)
	generator := ownCPU()
	if err == nil {
		err = l.loop.sleepUntil(time.Now().Add(settling))
	}
	end := r.clocks()
	if err == nil {
		err = r.server.profile(false)
	}
	return cost{
		elapsed:   elapsed,
		server:    end.server - begin.server,
		database:  end.database - begin.database,
		generator: generator - begin.generator,
	}, err
}

func (r *run) clocks() cost {
	now := cost{server: r.server.cpu(), generator: ownCPU()}
	for _, other := range r.others {
		now.server += other.cpu()
	}
	if r.database != nil {
		now.database = r.database.cpu()
	}
	return now
}

// recordDeliveries writes down what every scenario of marks has in common.
func (r *run) recordDeliveries(l *load, total cost, marks, deliveries int) error {
	r.record("server CPU per delivery", "µs", micros(total.server)/float64(deliveries))
	r.record("database CPU per mark", "µs", micros(total.database)/float64(marks))
	r.record("marks per second", "1/s", float64(marks)/total.elapsed.Seconds())
	r.record("delivery p50", "ms", micros(l.latency.quantile(0.50))/1000)
	r.record("delivery p99", "ms", micros(l.latency.quantile(0.99))/1000)
	r.record("delivery max", "ms", micros(l.latency.max)/1000)
	if len(r.others) > 0 {
		r.record("delivery between nodes p50", "ms", micros(l.between.quantile(0.50))/1000)
		r.record("delivery between nodes p99", "ms", micros(l.between.quantile(0.99))/1000)
	}
	r.record("generator's share of a core", "%", 100*total.generator.Seconds()/total.elapsed.Seconds())
	return l.faultless()
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 }
