package config

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// clusterSettings are the least that a node needs.
var clusterSettings = []string{"CLUSTER=true", "DATABASE_DSN=root@tcp(127.0.0.1:3306)/attendance", "NODE_NAME=a"}

func TestClusterMistakeIsNamedInOneSentence(t *testing.T) {
	const redis = "REDIS_URL must be an address such as redis://redis.example:6379/0 or rediss://user:password@redis.example:6380"
	name := func(value string) string {
		return `NODE_NAME must be 1 to 16 of the characters a to z, 0 to 9 and -, not "` + value + `"`
	}
	for _, tt := range []struct{ setting, want string }{
		{"CLUSTER=yes", `CLUSTER must be true or false, not "yes"`},
		{"DATABASE_DSN=", "CLUSTER needs a MySQL or MariaDB database, which all nodes share: set DATABASE_DSN"},
		{"NODE_NAME=A", name("A")},
		{"NODE_NAME=a.b", name("a.b")},
		{"NODE_NAME=seventeen-letters", name("seventeen-letters")},
		{"REDIS_URL=redis.example:6379", redis},
		{"REDIS_URL=http://redis.example", redis},
		{"REDIS_URL=redis://", redis},
		{"REDIS_URL=redis://:6379", redis},
		{"REDIS_URL=redis://redis.example/zero", redis},
		{"REDIS_URL=redis://user:hunter2@redis.example:port", redis},
		{"REDIS_URL=redis://user:hunter2%@redis.example", redis},
		{"REDIS_EMITTER=true", "REDIS_EMITTER needs CLUSTER=true and the Redis of REDIS_URL, in which other back ends publish"},
		{"CLUSTER_RETENTION=1s", "CLUSTER_RETENTION must be between 1m0s and 168h0m0s, not 1s"},
		{"CLUSTER_RETENTION=always", `CLUSTER_RETENTION must be a duration such as 25s, 2m or 1h30m, not "always"`},
	} {
		_, err := Load(with(clusterSettings, tt.setting), noFile)
		if err == nil || err.Error() != tt.want {
			t.Errorf("%s:\n got %v\nwant %s", tt.setting, err, tt.want)
		}
	}
}

// with returns settings with one of them replaced or added.
func with(settings []string, setting string) []string {
	name, _, _ := strings.Cut(setting, "=")
	replaced := []string{setting}
	for _, s := range settings {
		if !strings.HasPrefix(s, name+"=") {
			replaced = append(replaced, s)
		}
	}
	return replaced
}

func TestClusterAcceptsRedisAddresses(t *testing.T) {
	for _, address := range []string{
		"redis://redis.example", "redis://127.0.0.1:6379", "redis://redis.example:6379/", "redis://[::1]:6379/15",
		"rediss://user:pass%40word@redis.example:6380/1", "redis://:password@redis.example",
		"redis://sentinel-1:26379/0?addr=sentinel-2:26379&master_set=mymaster",
	} {
		if _, err := Load(with(clusterSettings, "REDIS_URL="+address), noFile); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestNodeNameDefaultsToHostName(t *testing.T) {
	original := hostName
	t.Cleanup(func() { hostName = original })
	long := "NODE_NAME must be set to 1 to 16 of the characters a to z, 0 to 9 and -, because this machine's name, "
	for _, tt := range []struct{ host, name, mistake string }{
		{"campus-1", "campus-1", ""},
		{"Campus-2.campus.example", "campus-2", ""},
		{"attendance-7d9f8c6b5-abcde", "", long + `"attendance-7d9f8c6b5-abcde", is no such name`},
		{"my_host", "", long + `"my_host", is no such name`},
		{"", "", long + `"", is no such name`},
	} {
		hostName = func() (string, error) { return tt.host, nil }
		c, err := Load(with(clusterSettings, "NODE_NAME="), noFile)
		switch {
		case tt.mistake != "" && (err == nil || err.Error() != tt.mistake):
			t.Errorf("%q:\n got %v\nwant %s", tt.host, err, tt.mistake)
		case tt.mistake == "" && (err != nil || c.NodeName != tt.name):
			t.Errorf("%q: the name is %q (%v), want %q", tt.host, c.NodeName, err, tt.name)
		}
	}
	hostName = func() (string, error) { return "", errors.New("no name") }
	want := "NODE_NAME must be set, because this machine's name cannot be read: no name"
	if _, err := Load(with(clusterSettings, "NODE_NAME="), noFile); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Kubernetes and others set variables of these names, so they are no mistakes where they mean nothing.
func TestClusterSettingsAloneDoNotStopTheStart(t *testing.T) {
	c, err := Load([]string{"NODE_NAME=ip-10-0-0-1.compute.internal", "REDIS_URL=cache:6379"}, noFile)
	if err != nil || c.Cluster || c.ClusterRetention != time.Hour {
		t.Errorf("%+v: %v", c, err)
	}
	if len(c.Warnings) != 1 || c.Warnings[0] != "REDIS_URL does nothing without CLUSTER=true" {
		t.Errorf("warnings %q", c.Warnings)
	}
}
