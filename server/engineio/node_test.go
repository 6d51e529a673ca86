package engineio_test

import (
	"regexp"
	"testing"

	"github.com/neuracampus/attendance/server/engineio"
	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

func TestSessionIDBeginsWithNode(t *testing.T) {
	for _, tt := range []struct{ node, want string }{
		{"", `^[A-Za-z0-9_-]{27}$`},
		{"campus-1", `^campus-1\.[A-Za-z0-9_-]{27}$`},
	} {
		t.Run(tt.node, func(t *testing.T) {
			s := serve(t, engineio.Options{Node: tt.node}, nil)
			form := regexp.MustCompile(tt.want)
			for _, revision := range []int{3, 4} {
				polling := engineiotest.Open(t, engineiotest.NewHTTPClient(t), s.url, revision)
				_, overSocket := engineiotest.Connect(t, s.url, revision)
				for transport, sid := range map[string]string{"polling": polling.Handshake.SID, "websocket": overSocket.SID} {
					if !form.MatchString(sid) {
						t.Errorf("revision %d, %s: the session id is %q", revision, transport, sid)
					}
				}
				if answer := polling.Post(t, map[int]string{3: "2:40", 4: "40"}[revision]); answer.Status != 200 {
					t.Errorf("revision %d: a request with the session id gets %d", revision, answer.Status)
				}
			}
		})
	}
}
