package main

import (
	"net/http"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// TestEngineIO4 holds the 25 cases of the suite of Engine.IO v4.
func TestEngineIO4(t *testing.T) {
	url := serve(t, published()) + engineIO
	steady := serve(t, withoutTimeouts()) + engineIO
	pinging := serve(t, withPings()) + engineIO
	client := engineiotest.NewHTTPClient(t)
	open := func() *engineiotest.Polling { return engineiotest.Open(t, client, steady, 4) }
	connect := func() *engineiotest.Socket {
		socket, _ := engineiotest.Connect(t, steady, 4)
		return socket
	}

	handshakes4(t, client, url)

	for name, payload := range map[string]string{
		"one text":        "4hello",
		"several texts":   "4test1\x1e4test2\x1e4test3",
		"text and binary": "4hello\x1ebAQIDBA==",
	} {
		t.Run("message/polling carries "+name, func(t *testing.T) {
			session := open()
			checkAnswer(t, session.Post(t, payload), "ok")
			// A poll takes what is there: the first packets may have been echoed before the last.
			received := session.Get(t).Body
			for len(received) < len(payload) {
				received += "\x1e" + session.Get(t).Body
			}
			if received != payload {
				t.Fatalf("received %q, want %q", received, payload)
			}
		})
	}
	t.Run("message/polling ends with a payload that is none", func(t *testing.T) {
		session := open()
		if response := session.Post(t, "abc"); !refused(response) {
			t.Errorf("answered %d %q, want 400", response.Status, response.Body)
		}
		checkOver(t, session)
	})
	t.Run("message/polling ends with two polls at once", func(t *testing.T) {
		session := open()
		polls := []*engineiotest.Pending{session.StartGet(t), session.StartGet(t)}
		first, second := polls[0].Wait(t), polls[1].Wait(t)
		if refused(first) { // the other way round than they were sent
			first, second = second, first
		}
		checkAnswer(t, first, "1")
		if !refused(second) {
			t.Errorf("the second poll was answered %d %q, want 400", second.Status, second.Body)
		}
		checkOver(t, session)
	})
	t.Run("message/polling ends with a cancelled poll", func(t *testing.T) {
		session := open()
		session.StartGet(t).Cancel(t)
		engineiotest.EventuallyEqual(t, "status", http.StatusBadRequest, func() int { return session.Post(t, "6").Status })
		checkOver(t, session)
	})
	t.Run("message/websocket carries a text", func(t *testing.T) {
		socket := connect()
		socket.Send(t, "4hello")
		socket.ExpectText(t, "4hello")
	})
	t.Run("message/websocket carries binary", func(t *testing.T) {
		socket := connect()
		socket.SendBinary(t, 1, 2, 3, 4)
		socket.Expect(t, engineiotest.Binary(1, 2, 3, 4))
	})
	t.Run("message/websocket ends with a packet that is none", func(t *testing.T) {
		socket := connect()
		socket.Send(t, "abc")
		socket.ExpectClosed(t)
	})

	heartbeats4(t, client, url, pinging)

	t.Run("close/polling ends, and the waiting poll is answered", func(t *testing.T) {
		checkClientClose(t, open, "1", "6")
	})
	t.Run("close/websocket ends", func(t *testing.T) {
		socket := connect()
		socket.Send(t, "1")
		socket.ExpectClosed(t)
	})

	t.Run("upgrade/websocket takes over", func(t *testing.T) {
		session := open()
		socket := probe(t, session)
		checkAnswer(t, session.Get(t), "6")
		socket.Send(t, "5", "4hello")
		socket.ExpectText(t, "4hello")
	})
	t.Run("upgrade/polling is refused afterwards", func(t *testing.T) {
		session := open()
		socket := probe(t, session)
		socket.Send(t, "5")
		session.GetUntil(t, refused)
		socket.Send(t, "4hello")
		socket.ExpectText(t, "4hello")
	})
	t.Run("upgrade/another websocket is closed afterwards", func(t *testing.T) {
		session := open()
		socket := probe(t, session)
		socket.Send(t, "5")
		if received := engineiotest.Dial(t, session.WebSocketURL()).ExpectClosed(t); len(received) > 0 {
			t.Errorf("the second WebSocket received %q", received)
		}
		socket.Send(t, "4hello")
		socket.ExpectText(t, "4hello")
	})
}
