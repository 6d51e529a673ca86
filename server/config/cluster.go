package config

import (
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"
)

// nodeName matches the names of nodes. A session id begins with one, so the characters need no encoding in URLs and in the
// configurations of balancers.
var nodeName = regexp.MustCompile(`^[a-z0-9-]{1,16}$`)

// hostName returns the name of this machine. Tests replace it.
var hostName = os.Hostname

// drainStep is the most that DRAIN_DELAY and DRAIN_SPREAD are by default.
const drainStep = 2 * time.Second

// setDrainDefaults gives a node of a cluster time to send its clients to the others: for DRAIN_DELAY and for DRAIN_SPREAD a fifth of
// SHUTDOWN_TIMEOUT at the most, so that most of it is left for the work that has begun. The clients of a server that is alone can only
// wait for the next process, so it stops at once.
func (c *Config) setDrainDefaults(values map[string]string) {
	if !c.Cluster {
		return
	}
	for name, field := range map[string]*time.Duration{"DRAIN_DELAY": &c.DrainDelay, "DRAIN_SPREAD": &c.DrainSpread} {
		if values[name] == "" {
			*field = min(drainStep, c.ShutdownTimeout/5)
		}
	}
}

// checkDrain leaves a part of SHUTDOWN_TIMEOUT for the work that has begun.
func (c *Config) checkDrain(m *mistakes) {
	if c.DrainDelay < 0 {
		m.add("DRAIN_DELAY", "must not be negative")
	}
	if c.DrainSpread < 0 {
		m.add("DRAIN_SPREAD", "must not be negative")
	}
	if total := c.DrainDelay + c.DrainSpread; total > 0 && total >= c.ShutdownTimeout {
		m.add("SHUTDOWN_TIMEOUT", "must be more than DRAIN_DELAY and DRAIN_SPREAD together, which are %v", total)
	}
}

// checkCluster checks the settings of a server that is one node of several, and gives it a name.
func (c *Config) checkCluster(m *mistakes) {
	if c.RedisEmitter && (!c.Cluster || c.RedisURL == "") {
		m.add("REDIS_EMITTER", "needs CLUSTER=true and the Redis of REDIS_URL, in which other back ends publish")
	}
	if !c.Cluster {
		if c.RedisURL != "" {
			c.Warnings = append(c.Warnings, "REDIS_URL does nothing without CLUSTER=true")
		}
		return
	}
	if c.DatabaseDSN == "" {
		m.add("CLUSTER", "needs a MySQL or MariaDB database, which all nodes share: set DATABASE_DSN")
	}
	c.checkNodeName(m)
	if c.RedisURL != "" && !isRedisAddress(string(c.RedisURL)) {
		m.add("REDIS_URL", "must be an address such as redis://redis.example:6379/0 or rediss://user:password@redis.example:6380")
	}
	if c.ClusterRetention < time.Minute || c.ClusterRetention > 7*24*time.Hour {
		m.add("CLUSTER_RETENTION", "must be between %v and %v, not %v", time.Minute, 7*24*time.Hour, c.ClusterRetention)
	}
}

// checkNodeName takes the host name up to its first dot if no name is set. It does not shorten a long one: two nodes could get the
// same name.
func (c *Config) checkNodeName(m *mistakes) {
	const form = "1 to 16 of the characters a to z, 0 to 9 and -"
	if c.NodeName != "" {
		if !nodeName.MatchString(c.NodeName) {
			m.add("NODE_NAME", "must be "+form+", not %q", c.NodeName)
		}
		return
	}
	host, err := hostName()
	if err != nil {
		m.add("NODE_NAME", "must be set, because this machine's name cannot be read: %w", err)
		return
	}
	c.NodeName, _, _ = strings.Cut(strings.ToLower(host), ".")
	if !nodeName.MatchString(c.NodeName) {
		m.add("NODE_NAME", "must be set to "+form+", because this machine's name, %q, is no such name", host)
	}
}

// isRedisAddress reports whether text names a Redis server. The path, if any, is the number of the database.
func isRedisAddress(text string) bool {
	address, err := url.Parse(text)
	return err == nil && (address.Scheme == "redis" || address.Scheme == "rediss") && address.Hostname() != "" &&
		redisDatabase.MatchString(address.Path) && address.Fragment == ""
}

// redisDatabase matches the path of a Redis server's address.
var redisDatabase = regexp.MustCompile(`^(/[0-9]{0,4})?$`)
