package sockets_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/neuracampus/attendance/server/sockets"
)

// BenchmarkEvent is an event with its acknowledgement from a socket that is under its limit.
func BenchmarkEvent(b *testing.B) {
	hub := newHub(sockets.Options{EventRate: 1_000_000, EventBurst: 1_000_000})
	hub.Handle("mark", func(context.Context, *sockets.Socket, json.RawMessage) any { return true })
	c := as(connect(b, serve(b, hub), ""), "a")
	b.ReportAllocs()
	for b.Loop() {
		c.Send(b, `421["mark",{"classId":"k","studentId":"s","status":"present","sessionType":"lecture"}]`)
		c.expect(`431[true]`)
	}
}

// BenchmarkLimit changes what the 1000 members of a room are sent.
func BenchmarkLimit(b *testing.B) {
	hub := newHub(sockets.Options{})
	url := serve(b, hub)
	for i := range 1000 {
		as(connect(b, url, ""), fmt.Sprint("student:", i)).ask("join", "room")
	}
	limited := false
	for b.Loop() {
		limited = !limited
		hub.Limit("room", func(string) bool { return limited })
	}
}
