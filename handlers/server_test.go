package handlers_test

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
	"go.uber.org/goleak"

	"github.com/neuracampus/attendance/handlers"
	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/models/modelstest"
)

func TestMain(m *testing.M) {
	gin.SetMode(gin.TestMode)
	code := modelstest.Run(m)
	if code == 0 {
		http.DefaultClient.CloseIdleConnections()
		if err := goleak.Find(); err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			code = 1
		}
	}
	os.Exit(code)
}

// The people of these tests. Asha owns the class, which Chen and Divya are in; Boris and Elif are elsewhere. Where it says so, Gita and
// Faye teach it, too, and Hugo was in it.
var (
	asha  = models.Actor{ID: models.ID{Key: "asha"}, Role: models.RoleTeacher}
	boris = models.Actor{ID: models.ID{Key: "boris"}, Role: models.RoleTeacher}
	chen  = models.Actor{ID: models.ID{Key: "chen"}, Role: models.RoleStudent}
	divya = models.Actor{ID: models.ID{Key: "divya"}, Role: models.RoleStudent}
	elif  = models.Actor{ID: models.ID{Key: "elif"}, Role: models.RoleStudent}
	gita  = models.Actor{ID: models.ID{Key: "gita"}, Role: models.RoleTeacher}
	faye  = models.Actor{ID: models.ID{Key: "faye"}, Role: models.RoleTeacher}
	hugo  = models.Actor{ID: models.ID{Key: "hugo"}, Role: models.RoleStudent}
	admin = models.Actor{ID: models.ID{Key: "registrar"}, Role: models.RoleAdmin}

	nobody = models.Actor{}

	class = models.ID{Key: "Math"}
)

// server is the package under test behind real HTTP and on a real database; only sockets and rooms are recorded
// instead of sent.
type server struct {
	t        testing.TB
	store    *models.Store
	handlers *handlers.Handlers
	events   map[string]handlers.Event
	rooms    *rooms
	engine   *gin.Engine
	url      string
	mode     models.Mode
	log      *modelstest.Log
}

func start(t testing.TB, db *modelstest.Database, mode models.Mode) *server {
	t.Helper()
	return startWith(t, db, models.Options{Mode: mode})
}

func startWith(t testing.TB, db *modelstest.Database, options models.Options) *server {
	t.Helper()
	mode := options.Mode
	s := &server{t: t, rooms: &rooms{sent: make(chan struct{}, 1)}, mode: mode, events: map[string]handlers.Event{}, log: &modelstest.Log{}}
	logger := slog.New(slog.NewTextHandler(s.log, nil))
	publisher := handlers.NewPublisher(s.rooms)
	options.OnEvent, options.Logger = func(e models.Event) { publisher.Deliver(e) }, logger
	s.store = db.Open(t, options)
	s.handlers = handlers.New(s.store, mode, s.rooms, publisher, logger)
	for _, event := range s.handlers.Table() {
		s.events[event.Name] = event
	}
	s.engine = gin.New()
	s.engine.UseEscapedPath, s.engine.UnescapePathValues = true, false
	s.engine.NoRoute(handlers.NoRoute)
	if mode == models.ModeSigned {
		s.handlers.Mount(s.engine, verify, nil)
	} else {
		s.handlers.Mount(s.engine, nil, nil)
	}
	listener := httptest.NewServer(s.engine)
	t.Cleanup(listener.Close)
	s.url = listener.URL
	return s
}

// verify stands in for the server's verifier of tokens: a token is a role and an id.
func verify(r *http.Request) (models.Actor, error) {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	role, id, found := strings.Cut(token, ":")
	if !ok || !found {
		return models.Actor{}, errors.New("the signature of the token is wrong")
	}
	return models.Actor{ID: models.ID{Key: id}, Role: models.Role(role)}, nil
}

// lesson makes the class with its roster, and starts a lecture.
func (s *server) lesson() models.Session {
	s.t.Helper()
	s.roster()
	result, err := s.store.Initiate(s.t.Context(), asha, models.InitiateRequest{ClassID: class, SessionType: "lecture"})
	if err != nil {
		s.t.Fatal(err)
	}
	return result.Session
}

func (s *server) roster() {
	s.t.Helper()
	_, err := s.store.CreateClass(s.t.Context(), asha, class, "Mathematics")
	if err == nil {
		_, err = s.store.AddToRoster(s.t.Context(), asha, class, []models.Student{{ID: chen.ID, Name: "Chen"}, {ID: divya.ID, Name: "Divya"}})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// answer is what a request came back with.
type answer struct {
	*http.Response
	body []byte
}

// object returns the answer's JSON object.
func (a answer) object(t testing.TB) map[string]any {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal(a.body, &object); err != nil {
		t.Fatalf("%d %s: %v", a.StatusCode, a.body, err)
	}
	return object
}

func (a answer) want(t testing.TB, status int, text string) {
	t.Helper()
	if a.StatusCode != status || !strings.Contains(string(a.body), text) {
		t.Errorf("%s %s: got %d %s, want %d with %q", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body, status, text)
	}
}

// request sends a request with a JSON body (none if it is empty) of a user.
func (s *server) request(actor models.Actor, method, path, body string) answer {
	s.t.Helper()
	request := s.newRequest(actor, method, path, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return s.do(request)
}

func (s *server) newRequest(actor models.Actor, method, path string, body io.Reader) *http.Request {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	switch {
	case actor == nobody:
	case s.mode == models.ModeSigned:
		request.Header.Set("Authorization", "Bearer "+string(actor.Role)+":"+actor.ID.Key)
	default:
		request.Header.Set("X-User", url.PathEscape(actor.ID.Key))
		request.Header.Set("X-Role", string(actor.Role))
	}
	return request
}

func (s *server) do(request *http.Request) answer {
	s.t.Helper()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		wantReason(s.t, true, body)
	}
	return answer{response, body}
}

var moment = regexp.MustCompile(`\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\.\d{3}Z| \d\d:\d\d:\d\d)`)

// withoutTimes puts a T in the place of every timestamp.
func withoutTimes(text string) string { return moment.ReplaceAllString(text, "T") }
