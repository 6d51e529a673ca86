//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"time"
)

// clusterLayout says how many servers share the load of a scenario. The zero value is one server outside a cluster.
type clusterLayout struct {
	nodes int  // of a cluster
	redis bool // they notify each other through Redis
}

func (c clusterLayout) String() string {
	switch {
	case c.nodes == 0:
		return "alone"
	case c.redis:
		return fmt.Sprintf("%d-redis", c.nodes)
	default:
		return strconv.Itoa(c.nodes)
	}
}

func (c clusterLayout) about() string {
	switch {
	case c.nodes == 0:
		return "one server outside a cluster"
	case c.redis:
		return fmt.Sprintf("a cluster of %d with Redis", c.nodes)
	default:
		return fmt.Sprintf("a cluster of %d without Redis", c.nodes)
	}
}

// startAll starts the servers of a layout on an empty database, and with them Redis if it has that. It returns what runs with an error,
// too.
func (b *bench) startAll(ctx context.Context, contender string, layout clusterLayout) (servers []*server, err error) {
	if layout.nodes == 0 {
		alone, err := b.startAlone(ctx, contender)
		if err != nil {
			return nil, err
		}
		return []*server{alone}, nil
	}
	if b.sqlite {
		return nil, errors.New("nodes of a cluster need MariaDB")
	}
	settings := []string{"CLUSTER=true"}
	if layout.redis {
		if b.redis == nil {
			if b.redis, err = startRedis(ctx, b.scratch); err != nil {
				return nil, err
			}
		}
		settings = append(settings, "REDIS_URL="+b.redis.url())
	}
	schema, err := b.newSchema(ctx)
	if err != nil {
		return nil, err
	}
	for i := range layout.nodes {
		node, err := b.start(ctx, contender, schema, append(settings, fmt.Sprintf("NODE_NAME=node-%d", i))...)
		if err != nil {
			return servers, err
		}
		servers = append(servers, node)
	}
	return servers, nil
}

func stopAll(servers []*server) {
	for _, s := range servers {
		s.stop()
	}
}

// redisServer is a Redis of the generator's own, which stores nothing.
type redisServer struct {
	*process
	port int
}

func startRedis(ctx context.Context, directory string) (*redisServer, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	p, err := start("redis-server", directory+"/redis.log", exec.CommandContext(ctx, "redis-server", "--port", strconv.Itoa(port),
		"--bind", "127.0.0.1", "--save", "", "--dir", directory))
	if err != nil {
		return nil, err
	}
	r := &redisServer{p, port}
	err = r.ready(time.Minute, func() error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", r.address())
		if err != nil {
			return err
		}
		return conn.Close()
	})
	if err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

func (r *redisServer) address() string { return fmt.Sprintf("127.0.0.1:%d", r.port) }
func (r *redisServer) url() string     { return "redis://" + r.address() + "/0" }
