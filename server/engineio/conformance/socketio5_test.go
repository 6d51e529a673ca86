package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

// TestSocketIO5 holds the 32 cases of the suite of Socket.IO v5.
func TestSocketIO5(t *testing.T) {
	url := serve(t, published()) + socketIO
	steady := serve(t, withoutTimeouts()) + socketIO
	pinging := serve(t, withPings()) + socketIO
	client := engineiotest.NewHTTPClient(t)
	open := func() *engineiotest.Polling { return engineiotest.Open(t, client, steady, 4) }
	dial := func() *engineiotest.Socket {
		socket, _ := engineiotest.Connect(t, steady, 4)
		return socket
	}
	connect := func() *engineiotest.Socket {
		socket := dial()
		join(t, socket, "", "{}")
		return socket
	}

	handshakes4(t, client, url)

	heartbeats4(t, client, url, pinging)

	t.Run("close/polling ends, and the waiting poll is answered", func(t *testing.T) {
		checkClientClose(t, open, "1", "6")
	})
	t.Run("close/websocket ends", func(t *testing.T) {
		socket := dial()
		socket.Send(t, "1")
		socket.ExpectClosed(t)
	})

	t.Run("upgrade/websocket takes over", func(t *testing.T) {
		session := open()
		socket := probe(t, session)
		socket.Send(t, "5")
		join(t, socket, "", "{}")
	})
	t.Run("upgrade/polling is refused afterwards", func(t *testing.T) {
		session := open()
		socket := engineiotest.Dial(t, session.WebSocketURL())
		socket.Send(t, "2probe", "5") // without waiting for the probe's answer
		socket.ExpectText(t, "3probe")
		session.GetUntil(t, refused)
		join(t, socket, "", "{}")
	})
	t.Run("upgrade/another websocket is closed afterwards", func(t *testing.T) {
		session := open()
		socket := engineiotest.Dial(t, session.WebSocketURL())
		socket.Send(t, "2probe", "5")
		if received := engineiotest.Dial(t, session.WebSocketURL()).ExpectClosed(t); len(received) > 0 {
			t.Errorf("the second WebSocket received %q", received)
		}
		socket.ExpectText(t, "3probe")
		join(t, socket, "", "{}")
	})

	t.Run("connect/to the main namespace", func(t *testing.T) {
		join(t, dial(), "", "")
	})
	t.Run("connect/to the main namespace with a payload", func(t *testing.T) {
		join(t, dial(), "", `{"token":"123"}`)
	})
	t.Run("connect/to a custom namespace", func(t *testing.T) {
		join(t, dial(), "/custom,", "")
	})
	t.Run("connect/to a custom namespace with a payload", func(t *testing.T) {
		join(t, dial(), "/custom,", `{"token":"abc"}`)
	})
	t.Run("connect/to an unknown namespace is refused", func(t *testing.T) {
		socket := dial()
		socket.Send(t, "40/random")
		socket.ExpectText(t, `44/random,{"message":"Invalid namespace"}`)
		join(t, socket, "", "") // a refusal is not the end
	})
	t.Run("connect/anything else before it ends the session", func(t *testing.T) {
		for _, packet := range []string{"4abc", `42["message"]`, "41", "43[]", `451-["message",{"_placeholder":true,"num":0}]`} {
			socket := dial()
			socket.Send(t, packet)
			if received := socket.ExpectClosed(t); len(received) > 0 {
				t.Errorf("%s was answered by %q", packet, received)
			}
		}
	})
	t.Run("connect/not in time ends the session", func(t *testing.T) {
		options := withoutTimeouts()
		options.ConnectTimeout = 100 * time.Millisecond
		socket, _ := engineiotest.Connect(t, serve(t, options)+socketIO, 4)
		if received := socket.ExpectClosed(t); len(received) > 0 {
			t.Errorf("received %q, want nothing", received)
		}
	})

	t.Run("disconnect/from the main namespace", func(t *testing.T) {
		options := withoutTimeouts()
		options.ConnectTimeout = published().ConnectTimeout // what a session without a namespace has left
		socket, _ := engineiotest.Connect(t, serve(t, options)+socketIO, 4)
		join(t, socket, "", "")
		socket.Send(t, "41")
		socket.ExpectClosed(t)
	})
	t.Run("disconnect/from a custom namespace leaves the main one", func(t *testing.T) {
		socket := connect()
		join(t, socket, "/custom,", "")
		socket.Send(t, "41/custom", `42["message","message to main namespace"]`)
		socket.ExpectText(t, `42["message-back","message to main namespace"]`)
	})

	t.Run("message/text", func(t *testing.T) {
		socket := connect()
		socket.Send(t, `42["message",1,"2",{"3":[true]}]`)
		socket.ExpectText(t, `42["message-back",1,"2",{"3":[true]}]`)
	})
	const placeholders = `{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`
	t.Run("message/binary attachments", func(t *testing.T) {
		socket := connect()
		socket.Send(t, `452-["message",`+placeholders)
		socket.SendBinary(t, 1, 2, 3)
		socket.SendBinary(t, 4, 5, 6)
		socket.ExpectText(t, `452-["message-back",`+placeholders)
		socket.Expect(t, engineiotest.Binary(1, 2, 3), engineiotest.Binary(4, 5, 6))
	})
	t.Run("message/text with an acknowledgement", func(t *testing.T) {
		socket := connect()
		socket.Send(t, `42456["message-with-ack",1,"2",{"3":[false]}]`)
		socket.ExpectText(t, `43456[1,"2",{"3":[false]}]`)
	})
	t.Run("message/binary attachments with an acknowledgement", func(t *testing.T) {
		socket := connect()
		socket.Send(t, `452-789["message-with-ack",`+placeholders)
		socket.SendBinary(t, 1, 2, 3)
		socket.SendBinary(t, 4, 5, 6)
		socket.ExpectText(t, `462-789[`+placeholders)
		socket.Expect(t, engineiotest.Binary(1, 2, 3), engineiotest.Binary(4, 5, 6))
	})
	for name, packet := range map[string]string{
		"an unknown packet type": "4abc",
		"a payload that is none": "42{}",
		"an ack id that is none": `42abc["message-with-ack",1,"2",{"3":[false]}]`,
	} {
		t.Run("message/"+name+" ends the session", func(t *testing.T) {
			socket := connect()
			socket.Send(t, packet)
			if received := socket.ExpectClosed(t); len(received) > 0 {
				t.Errorf("answered by %q", received)
			}
		})
	}
}

// join connects to a namespace, "" or "/name,", and takes the answer and the auth event.
func join(t *testing.T, socket *engineiotest.Socket, namespace, auth string) {
	t.Helper()
	socket.Send(t, "40"+namespace+auth)
	var answer map[string]string
	text := socket.ExpectPrefix(t, "40"+namespace+"{")
	if err := json.Unmarshal([]byte(strings.TrimPrefix(text, "40"+namespace)), &answer); err != nil || len(answer) != 1 || answer["sid"] == "" {
		t.Fatalf("CONNECT answered by %q, want a sid and nothing else: %v", text, err)
	}
	if auth == "" {
		auth = "{}"
	}
	socket.ExpectText(t, "42"+namespace+`["auth",`+auth+`]`)
}
