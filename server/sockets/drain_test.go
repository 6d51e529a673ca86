package sockets_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
	"github.com/neuracampus/attendance/server/sockets"
)

func TestDrainTimeSocketsWorkUntilTheirClose(t *testing.T) {
	hub := newHub(sockets.Options{DrainTime: time.Hour})
	left := make(chan string, 3)
	hub.OnUserLeft(func(_, user string, _ any) { left <- user })
	address := serve(t, hub)
	clients := map[string]*client{}
	for _, user := range []string{"asha", "ben", "chen"} {
		clients[user] = as(connect(t, address, ""), user)
		clients[user].ask("join", "room")
	}
	ctx, cancel := context.WithCancel(t.Context())
	drained := make(chan error, 1)
	go func() { drained <- hub.Drain(ctx) }()

	first := <-left
	clients[first].ExpectClosed(t)
	delete(clients, first)
	for user, c := range clients {
		if _, answer := c.ask("say", user); answer != `["ok"]` {
			t.Errorf("%s is answered %s while another socket is closed", user, answer)
		}
	}
	cancel()
	if err := <-drained; !errors.Is(err, context.Canceled) {
		t.Errorf("drain that was cancelled: %v", err)
	}
	for _, c := range clients { // which the Drain after the test would wait for
		c.Send(t, "41")
		<-left
	}
}

func TestDrainRunningHandlerStillAnswers(t *testing.T) {
	for _, drainTime := range []time.Duration{0, time.Millisecond} {
		t.Run(drainTime.String(), func(t *testing.T) {
			hub := newHub(sockets.Options{DrainTime: drainTime})
			started, finish := make(chan struct{}), make(chan struct{})
			hub.Handle("work", func(context.Context, *sockets.Socket, json.RawMessage) any {
				close(started)
				<-finish
				hub.Broadcast("room", sockets.Message{Event: "worked", Payload: 1})
				return "done"
			})
			address := serve(t, hub)
			c := as(connect(t, address, ""), "asha")
			c.ask("join", "room")
			c.Send(t, `427["work"]`)
			<-started
			drained := make(chan error, 1)
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), engineiotest.Deadline)
				defer cancel()
				drained <- hub.Drain(ctx)
			}()
			newClients := engineiotest.NewHTTPClient(t)
			for status := 0; status != http.StatusServiceUnavailable; {
				status = engineiotest.Do(t, newClients, http.MethodGet, address+"?EIO=4&transport=polling", "").Status
			}
			close(finish)
			packets := strings.Join(c.ExpectClosed(t), " ")
			if packets != `42["worked",1] 437["done"]` && packets != `42["worked",1] 437["done"] 1` {
				t.Errorf("received %s before the end: want the broadcast, the acknowledgement and no DISCONNECT", packets)
			}
			if err := <-drained; err != nil {
				t.Errorf("drain: %v", err)
			}
		})
	}
}
