package sockets_test

import (
	"context"
	"encoding/json"
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
