package main

import (
	"net/http"
	"testing"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// TestEngineIO3 holds the 23 cases of the suite of Engine.IO v3, and the one of two polls at once that the suite skips. The suite's
// clients listen late; here that is a case of its own.
func TestEngineIO3(t *testing.T) {
	url := serve(t, published()) + engineIO
	steady := serve(t, withoutTimeouts()) + engineIO
	client := engineiotest.NewHTTPClient(t)
	const onlyText, binaryToo = "?b64=1", ""
	open := func(binary string) *engineiotest.Polling { return engineiotest.Open(t, client, steady+binary, 3) }
	connect := func() *engineiotest.Socket {
		socket, _ := engineiotest.Connect(t, steady, 3)
		return socket
	}

	t.Run("handshake/polling opens a session", func(t *testing.T) {
		checkHandshake(t, engineiotest.Open(t, client, url, 3).Handshake, "websocket")
	})
	t.Run("handshake/polling needs a known transport", func(t *testing.T) {
		checkRefused(t, http.MethodGet, url, "0", "EIO=3", "EIO=3&transport=abc")
	})
	t.Run("handshake/polling needs GET", func(t *testing.T) {
		checkRefused(t, http.MethodPost, url, "2", "EIO=3&transport=polling")
	})
	t.Run("handshake/websocket opens a session", func(t *testing.T) {
		_, handshake := engineiotest.Connect(t, url, 3)
		checkHandshake(t, handshake)
	})
	t.Run("handshake/websocket is opened by a client that listens late", func(t *testing.T) {
		checkLateListener(t, url, 3)
	})
	t.Run("handshake/websocket needs a known EIO", func(t *testing.T) {
		checkNoWebSocket(t, url, "transport=websocket", "EIO=abc&transport=websocket")
	})
	t.Run("handshake/websocket needs a known transport", func(t *testing.T) {
		checkNoWebSocket(t, url, "EIO=3", "EIO=3&transport=abc")
	})

	// The echo is complete when as much has come as was sent; polls take what is there.
	for name, c := range map[string]struct{ binary, sent, received string }{
		"one text":                   {onlyText, "6:4hello", "6:4hello"},
		"several texts":              {onlyText, "6:4test16:4test26:4test3", "6:4test16:4test26:4test3"},
		"text and binary as base64":  {onlyText, "6:4hello10:b4AQIDBA==", "6:4hello10:b4AQIDBA=="},
		"text and binary as it is":   {binaryToo, "6:4hello10:b4AQIDBA==", "\x00\x06\xff4hello\x01\x05\xff\x04\x01\x02\x03\x04"},
		"text longer than its bytes": {onlyText, "5:4h\u00e9\U0001F600", "5:4h\u00e9\U0001F600"},
	} {
		t.Run("message/polling carries "+name, func(t *testing.T) {
			session := open(c.binary)
			checkAnswer(t, session.Post(t, c.sent), "ok")
			received := ""
			for len(received) < len(c.received) {
				if received += session.Get(t).Body; received == "6:4hello" && c.binary == binaryToo {
					received = "\x00\x06\xff4hello" // the text was echoed before the binary packet, so nothing made it binary
				}
			}
			if received != c.received {
				t.Fatalf("received %q, want %q", received, c.received)
			}
		})
	}
	t.Run("message/polling ends with a payload that is none", func(t *testing.T) {
		session := open(onlyText)
		if response := session.Post(t, "abc"); !refused(response) {
			t.Errorf("answered %d %q, want 400", response.Status, response.Body)
		}
		checkOver(t, session)
	})
	t.Run("message/polling ends with two polls at once", func(t *testing.T) {
		session := open(onlyText)
		polls := []*engineiotest.Pending{session.StartGet(t), session.StartGet(t)}
		first, second := polls[0].Wait(t), polls[1].Wait(t)
		if refused(first) {
			first, second = second, first
		}
		checkAnswer(t, first, "1:1")
		if !refused(second) {
			t.Errorf("the second poll was answered %d %q, want 400", second.Status, second.Body)
		}
		checkOver(t, session)
	})
	t.Run("message/websocket carries a text", func(t *testing.T) {
		socket := connect()
		socket.Send(t, "4hello")
		socket.ExpectText(t, "4hello")
	})
	t.Run("message/websocket carries binary", func(t *testing.T) {
		socket := connect()
		socket.SendBinary(t, 4, 1, 2, 3, 4)
		socket.Expect(t, engineiotest.Binary(4, 1, 2, 3, 4))
	})
	t.Run("message/websocket ends with a packet that is none", func(t *testing.T) {
		socket := connect()
		socket.Send(t, "abc")
		socket.ExpectClosed(t)
	})

	t.Run("heartbeat/polling answers pings", func(t *testing.T) {
		session := open(onlyText)
		for range 3 {
			checkAnswer(t, session.Post(t, "1:2"), "ok")
			checkAnswer(t, session.Get(t), "1:3")
		}
	})
	t.Run("heartbeat/polling ends without a ping", func(t *testing.T) {
		session := engineiotest.Open(t, client, url, 3)
		checkTimedOut(t, session, "1:1")
		if response := session.Post(t, "1:2"); !refused(response) {
			t.Errorf("a late ping was answered %d %q, want 400", response.Status, response.Body)
		}
	})
	t.Run("heartbeat/websocket answers pings", func(t *testing.T) {
		socket := connect()
		for range 3 {
			socket.Send(t, "2")
			socket.ExpectText(t, "3")
		}
	})
	t.Run("heartbeat/websocket ends without a ping", func(t *testing.T) {
		socket, _ := engineiotest.Connect(t, url, 3)
		if received := socket.ExpectClosed(t); len(received) > 0 {
			t.Errorf("received %q, want nothing", received)
		}
	})

	t.Run("close/polling ends, and the waiting poll is answered", func(t *testing.T) {
		checkClientClose(t, func() *engineiotest.Polling { return open(onlyText) }, "1:1", "1:6")
	})
	t.Run("close/websocket ends", func(t *testing.T) {
		socket := connect()
		socket.Send(t, "1")
		socket.ExpectClosed(t)
	})

	t.Run("upgrade/websocket takes over", func(t *testing.T) {
		session := open(onlyText)
		socket := probe(t, session)
		checkAnswer(t, session.Get(t), "1:6")
		socket.Send(t, "5", "4hello")
		socket.ExpectText(t, "4hello")
	})
	t.Run("upgrade/polling is refused afterwards", func(t *testing.T) {
		session := open(onlyText)
		socket := probe(t, session)
		socket.Send(t, "5")
		session.GetUntil(t, refused)
		socket.Send(t, "4hello")
		socket.ExpectText(t, "4hello")
	})
	t.Run("upgrade/another websocket is closed afterwards", func(t *testing.T) {
		session := open(onlyText)
		socket := probe(t, session)
		socket.Send(t, "5")
		if received := engineiotest.Dial(t, session.WebSocketURL()).ExpectClosed(t); len(received) > 0 {
			t.Errorf("the second WebSocket received %q", received)
		}
		socket.Send(t, "4hello")
		socket.ExpectText(t, "4hello")
	})
}
