package engineio_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	socketio "github.com/googollee/go-socket.io"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/codec"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

func TestConnectErrorHasFormOfRevision(t *testing.T) {
	s := serve(t, engineio.Options{
		Authenticate: func(_ *engineio.Session, namespace string, auth json.RawMessage) (any, error) {
			if namespace == "/" && string(auth) != `{"token":"good"}` {
				return nil, errors.New("unauthorized")
			}
			return "ada", nil
		},
	}, func(s *server) {
		s.Handle("/", "who", func(conn socketio.Conn, event engineio.Event) {
			session := engineio.SessionOf(conn)
			arguments, err := codec.MarshalArguments(session.Identity("/"), session.Auth("/"), session.Identity("/other"))
			if err != nil {
				t.Error(err)
			}
			event.Acknowledge(arguments)
		})
	})
	t.Run("revision 4", func(t *testing.T) {
		socket := s.websocket(t, 4)
		socket.Send(t, "40", `40{"token":"bad"}`)
		socket.ExpectText(t, `44{"message":"unauthorized"}`, `44{"message":"unauthorized"}`)
		socket.Send(t, `40{"token":"good"}`)
		socket.ExpectPrefix(t, `40{"sid":`)
		socket.Send(t, `421["who"]`)
		socket.ExpectText(t, `431["ada",{"token":"good"},null]`)
	})
	t.Run("revision 3", func(t *testing.T) {
		socket := s.websocket(t, 3)
		socket.ExpectText(t, `44"unauthorized"`)
		socket.Send(t, "40/other?token=x,")
		socket.ExpectText(t, "40/other,")
		socket.Send(t, `42/other,["echo"]`)
		socket.ExpectText(t, `42/other,["back"]`)
		socket.Send(t, "40/unknown")
		socket.ExpectText(t, `44/unknown,"Invalid namespace"`)
	})
}

func TestNamespacesConnectIndependently(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	for _, revision := range []int{3, 4} {
		socket := s.connected(t, revision)
		for range 3 {
			socket.Send(t, "40/other", `42/other,["echo",1]`)
			socket.ExpectPrefix(t, "40/other,")
			socket.ExpectText(t, `42/other,["back",1]`)
			socket.Send(t, "41/other")
			checkAlive(t, socket)
		}
		socket.Send(t, `42/other,["echo",1]`)
		socket.ExpectClosed(t)
	}
}

func TestRootConnectsAfterOtherNamespace(t *testing.T) {
	s := serve(t, engineio.Options{}, nil)
	socket := s.websocket(t, 4)
	socket.Send(t, "40/other")
	socket.ExpectPrefix(t, "40/other,{")
	socket.Send(t, `42/other,["echo",1]`)
	socket.ExpectText(t, `42/other,["back",1]`)
	socket.Send(t, "40")
	socket.ExpectPrefix(t, "40{")
	checkAlive(t, socket)
}

func TestSessionDescribesItsClient(t *testing.T) {
	sessions := make(chan *engineio.Session, 1)
	s := serve(t, engineio.Options{}, func(s *server) {
		s.library.OnConnect("/", func(conn socketio.Conn) error {
			sessions <- engineio.SessionOf(conn)
			return nil
		})
	})
	header := "token"
	socket := engineiotest.Dial(t, s.url+"?EIO=4&transport=websocket&room=a%20b", "Authorization", header)
	handshake := engineiotest.ParseHandshake(t, socket.Receive(t).Text)
	socket.Send(t, "40")
	session := <-sessions
	if session.ID() != handshake.SID || session.Revision() != 4 || session.Transport() != "websocket" ||
		session.Header().Get("Authorization") != header || session.Query().Get("room") != "a b" ||
		session.String() != socket.LocalAddr().String() {
		t.Errorf("the session says %q, revision %d, %s, %v, %v, %s", session.ID(), session.Revision(), session.Transport(),
			session.Header(), session.Query(), session)
	}
	session.Close("enough")
	socket.ExpectClosed(t)
	session.Send(codec.EncodeEvent("/", "late", codec.Arguments{JSON: []byte("[]")})) // does nothing
	s.expectSessions(t, 0)
}

// Over TLS the descriptor is hidden, so that connections are read and written another way.
func TestTLSConnectionCarriesMessages(t *testing.T) {
	s := newServer(t, engineio.Options{}, nil)
	s.listen(t, httptest.NewTLSServer)
	long := strings.Repeat("é", 200_000)
	for _, revision := range []int{3, 4} {
		socket := s.connected(t, revision)
		checkAlive(t, socket)
		for range 10 {
			socket.Send(t, `42["echo","`+long+`"]`)
		}
		for range 10 {
			socket.ExpectText(t, `42["back","`+long+`"]`)
		}
		socket.Send(t, "1")
		socket.ExpectClosed(t)
	}
	s.expectSessions(t, 0)
}
