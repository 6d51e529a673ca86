package engineio

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/neuracampus/attendance/server/engineio/codec"
)

func TestFullInboxDelaysPOST(t *testing.T) {
	for name, data := range map[string][]byte{"of empty messages": nil, "of large ones": make([]byte, 100_000)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := newTestSession(t, Options{}, codec.Revision4)
				s.ws = nil // polling
				pushed, done := 0, make(chan bool)
				go func() {
					for range 100_000 {
						if !s.push(codec.Packet{Data: data}) {
							done <- false
							return
						}
						pushed++
					}
					done <- true
				}()
				synctest.Wait() // until it waits, or is through
				if s.inboxBytes > maxInboxBytes+len(data)+inboxCost || len(s.inbox) > maxInboxBytes/inboxCost+1 {
					t.Fatalf("%d messages of %d bytes wait for a handler that is busy", len(s.inbox), s.inboxBytes)
				}
				waiting := pushed
				for range waiting + 1 {
					s.await()
					if _, _, err := s.receive(); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
				if pushed <= waiting {
					t.Fatal("the next POST still waits although there is room")
				}
				s.Close("enough")
				if <-done {
					t.Error("a POST succeeded after the end of the session")
				}
			})
		})
	}
}

// deadlineRecorder is a response that remembers its request's read deadline.
type deadlineRecorder struct {
	*httptest.ResponseRecorder
	read time.Time
}

func (d *deadlineRecorder) SetReadDeadline(deadline time.Time) error {
	d.read = deadline
	return nil
}

// net/http goes on reading after the body, to notice when the client goes: a deadline of the body's would look like that.
func TestBodyDeadlineEndsWithBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestSession(t, Options{}, codec.Revision4)
		s.ws = nil // polling
		s.inboxBytes = maxInboxBytes + 1
		answer := &deadlineRecorder{ResponseRecorder: httptest.NewRecorder(), read: time.Now().Add(time.Hour)} // as the HTTP server has set it
		target := "/?EIO=4&transport=polling&sid=" + s.id
		go s.transports.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, io.MultiReader(
			strings.NewReader("4text"), readerFunc(func([]byte) (int, error) {
				if answer.read.IsZero() {
					t.Error("the deadline ends before the body")
				}
				return 0, io.EOF
			}))))
		synctest.Wait() // the handler is behind
		if !answer.read.IsZero() {
			t.Error("the deadline stays while the handlers are behind")
		}
		s.Close("enough")
	})
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(data []byte) (int, error) { return f(data) }

// The body of such a request may never arrive.
func TestDeclaredBodyOverLimitIsRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestSession(t, Options{}, codec.Revision4)
		s.ws = nil // polling
		body, neverWritten := io.Pipe()
		defer neverWritten.Close()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/?EIO=4", body)
		request.ContentLength = 100_000_000
		answer := httptest.NewRecorder()
		s.servePost(answer, request)
		if answer.Code != http.StatusRequestEntityTooLarge || answer.Header().Get("Connection") != "close" || !s.ended() {
			t.Errorf("%d %v, ended: %v", answer.Code, answer.Header(), s.ended())
		}
	})
}

// A client that pauses the handlers could otherwise fill the memory with bodies.
func TestSecondPOSTAtOnceClosesSession(t *testing.T) {
	for name, body := range map[string]func(end chan struct{}) io.Reader{
		"while the first arrives": func(end chan struct{}) io.Reader {
			return readerFunc(func([]byte) (int, error) {
				<-end
				return 0, io.EOF
			})
		},
		"while the handlers are behind": func(chan struct{}) io.Reader { return strings.NewReader("4text") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, _ := newTestSession(t, Options{}, codec.Revision4)
				s.ws = nil // polling
				end, done := make(chan struct{}), make(chan struct{})
				first, second := httptest.NewRecorder(), httptest.NewRecorder()
				post := func(w http.ResponseWriter, body io.Reader) {
					s.servePost(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/?EIO=4", body))
				}
				post(first, strings.NewReader("4text"))
				if first.Body.String() != "ok" {
					t.Fatalf("one after the other: %d %s", first.Code, first.Body)
				}
				s.inboxBytes = maxInboxBytes + 1
				go func() {
					defer close(done)
					post(httptest.NewRecorder(), body(end))
				}()
				synctest.Wait() // until it waits
				post(second, strings.NewReader("4text"))
				if second.Code != http.StatusBadRequest || !s.ended() {
					t.Errorf("%d, ended: %v", second.Code, s.ended())
				}
				close(end)
				<-done
			})
		})
	}
}
