package app

import (
	"net/http"
	"strings"
	"testing"

	"github.com/gobwas/ws"

	"github.com/neuracampus/attendance/server/engineio/engineiotest"
)

const signed = "JWT_SECRET=0123456789abcdef0123456789abcdef"

// access is the decision that the server should make on a request, for REST and for every transport.
type access struct {
	allowed bool
	origin  []string // "OWN" is the server's own, "HOST" in it is its host and port, "PORT" its port
	host    string   // "" is the server's own
}

// check sends requests for the page, REST and both transports, and preflights.
func (c access) check(t *testing.T, a *App) {
	t.Helper()
	own := a.URL()
	host := strings.TrimPrefix(own, "http://")
	_, port, _ := strings.Cut(host, ":")
	fields := []string{}
	for _, origin := range c.origin {
		fields = append(fields, "Origin", strings.NewReplacer("OWN", own, "HOST", host, "PORT", port).Replace(origin))
	}
	if c.host != "" {
		fields = append(fields, "Host", strings.ReplaceAll(c.host, "PORT", port))
	}
	for _, request := range []struct {
		method, path string
		status       int
	}{
		{http.MethodGet, "/", http.StatusOK},
		{http.MethodGet, "/healthz", http.StatusOK},
		{http.MethodGet, "/api/openapi.json", http.StatusOK},
		{http.MethodGet, "/api/asyncapi.json", http.StatusOK},
		{http.MethodGet, "/socket.io/?EIO=4&transport=polling", http.StatusOK},
		{http.MethodGet, "/socket.io?EIO=4&transport=polling", http.StatusOK},
		{http.MethodPost, "/socket.io/?EIO=4&transport=polling&sid=unknown", http.StatusBadRequest},
		{http.MethodOptions, "/api/classes", http.StatusNoContent},
		{http.MethodOptions, "/socket.io/?EIO=4&transport=polling", http.StatusNoContent},
	} {
		status, header, body := ask(t, request.method, own+request.path, fields...)
		where := request.method + " " + request.path
		granted := header.Get("Access-Control-Allow-Origin")
		switch {
		case request.method == http.MethodOptions && len(c.origin) == 0:
		case c.allowed && status != request.status, !c.allowed && status != http.StatusForbidden:
			t.Errorf("%s: %d %s", where, status, body)
		case !c.allowed && granted != "":
			t.Errorf("%s is refused and allows %q", where, granted)
		case !c.allowed && strings.HasPrefix(request.path, "/socket.io") && body != `{"code":4,"message":"Forbidden"}`:
			t.Errorf("%s: %s, not the official server's refusal", where, body)
		case c.allowed && len(fields) > 1 && fields[0] == "Origin" && (granted != fields[1] || header.Get("Access-Control-Allow-Credentials") != "true"):
			t.Errorf("%s allows %q", where, granted)
		case request.method == http.MethodOptions && c.allowed && !strings.Contains(header.Get("Access-Control-Allow-Methods"), "POST"):
			t.Errorf("%s allows no POST: %v", where, header)
		case !strings.Contains(strings.Join(header.Values("Vary"), ","), "Origin"):
			t.Errorf("%s does not vary by Origin", where)
		}
	}
	socket, err := engineiotest.TryDial(own+"/socket.io/?EIO=4&transport=websocket", fields...)
	if err == nil {
		_ = socket.Close()
	}
	if c.allowed && err != nil || !c.allowed && err != ws.StatusError(http.StatusForbidden) { //lint:ignore errorlint gobwas/ws returns it as it is
		t.Errorf("websocket: %v", err)
	}
}

func TestOriginDecisionIsTheSameEverywhere(t *testing.T) {
	const listed = "CORS_ORIGINS=https://campus.example,http://localhost:3000"
	for setting, cases := range map[string]map[string]access{
		"": {
			"no browser":                       {true, nil, ""},
			"its own page":                     {true, []string{"OWN"}, ""},
			"a developer's page":               {true, []string{"http://localhost:5173"}, ""},
			"the same by address":              {true, []string{"http://127.0.0.1:8080"}, ""},
			"the same by the newer address":    {true, []string{"http://[::1]:8080"}, ""},
			"an app in a web view":             {true, []string{"capacitor://localhost"}, ""},
			"an app in a web view over https":  {true, []string{"https://localhost"}, ""},
			"https localhost with a port":      {false, []string{"https://localhost:8443"}, ""},
			"a foreign page":                   {false, []string{"https://evil.example"}, ""},
			"null":                             {false, []string{"null"}, ""},
			"empty":                            {false, []string{""}, ""},
			"a name that begins alike":         {false, []string{"http://localhost.evil.example"}, ""},
			"a foreign page with its own Host": {false, []string{"http://evil.example:PORT"}, "evil.example:PORT"},
		},
		signed: {
			"no browser":               {true, nil, ""},
			"its own page":             {true, []string{"OWN"}, ""},
			"a developer's page":       {false, []string{"http://localhost:5173"}, ""},
			"another port":             {false, []string{"http://localhost:1"}, ""},
			"no port":                  {false, []string{"http://localhost"}, ""},
			"the host as a user":       {false, []string{"http://HOST@evil.example"}, ""},
			"a user before the host":   {false, []string{`http://evil.example\@HOST`}, ""},
			"the host as a beginning":  {false, []string{"http://HOST.evil.example"}, ""},
			"the host as an end":       {false, []string{"http://evil-HOST"}, ""},
			"the host as a path":       {false, []string{"http://evil.example/HOST"}, ""},
			"the host as a fragment":   {false, []string{"http://evil.example#HOST"}, ""},
			"another name of the host": {false, []string{"http://127.0.0.1:PORT"}, ""},
			"no scheme":                {false, []string{"HOST"}, ""},
			"two in one header":        {false, []string{"OWN, OWN"}, ""},
			"two, one of them foreign": {false, []string{"OWN", "https://evil.example"}, ""},
			"the same twice":           {false, []string{"OWN", "OWN"}, ""},
		},
		listed: {
			"a listed page":                     {true, []string{"https://campus.example"}, ""},
			"a listed page, other scheme":       {false, []string{"http://campus.example"}, ""},
			"a listed page, more behind it":     {false, []string{"https://campus.example.evil.example"}, ""},
			"its own page, which is not listed": {false, []string{"OWN"}, ""},
			"not listed":                        {false, []string{"http://localhost:5173"}, ""},
		},
		"CORS_ORIGINS=https://*.campus.example,https://app-*-team.vercel.app": {
			"a label":                            {true, []string{"https://physics.campus.example"}, ""},
			"a part of a label":                  {true, []string{"https://app-git-main-team.vercel.app"}, ""},
			"two labels":                         {false, []string{"https://a.physics.campus.example"}, ""},
			"no label":                           {false, []string{"https://campus.example"}, ""},
			"an empty label":                     {false, []string{"https://.campus.example"}, ""},
			"another owner's host":               {false, []string{"https://physics.campus.example.evil.example"}, ""},
			"another owner's host, pattern last": {false, []string{"https://evil.example#.campus.example"}, ""},
			"part of a label, two labels":        {false, []string{"https://app-x.evil-team.vercel.app"}, ""},
			"another port":                       {false, []string{"https://physics.campus.example:8443"}, ""},
			"its own host name by the wildcard":  {true, []string{"https://physics.campus.example"}, "physics.campus.example"},
			"a host name outside the wildcard":   {false, nil, "campus.example"},
		},
	} {
		t.Run(setting, func(t *testing.T) {
			a, _ := start(t, settings(t, setting))
			for name, c := range cases {
				t.Run(name, func(t *testing.T) { c.check(t, a) })
			}
		})
	}
}

// DNS rebinding: if a page's host name resolves to this machine, its browser takes the server for the same origin.
func TestHostIsCheckedInOpenModeOnLoopback(t *testing.T) {
	const listed = "CORS_ORIGINS=http://campus.example"
	for _, test := range []struct {
		name, setting, host string
		allowed             bool
	}{
		{"localhost", "", "localhost:PORT", true},
		{"localhost without a port", "", "localhost", true},
		{"localhost by another port, as of a tunnel", "", "localhost:8080", true},
		{"in capitals", "", "LocalHost:PORT", true},
		{"below localhost", "", "attendance.localhost:PORT", true},
		{"the address", "", "127.0.0.1:PORT", true},
		{"the newer address", "", "[::1]:PORT", true},
		{"the newer address without a port", "", "[::1]", true},
		{"a foreign name", "", "evil.example:PORT", false},
		{"a foreign name without a port", "", "evil.example", false},
		{"a name that ends alike", "", "evillocalhost:PORT", false},
		{"a name that begins alike", "", "localhost.evil.example:PORT", false},
		{"a name that begins with the address", "", "127.0.0.1.evil.example:PORT", false},
		{"another machine's address", "", "10.0.0.1:PORT", false},
		{"nothing but a port", "", ":PORT", false},
		{"a listed name", listed, "campus.example", true},
		{"a listed name with a port", listed, "campus.example:PORT", true},
		{"a name that is not listed", listed, "evil.example:PORT", false},
		{"localhost, although others are listed", listed, "localhost:PORT", true},
		{"any name in signed mode", signed, "attendance.example", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, _ := start(t, settings(t, test.setting))
			access{test.allowed, nil, test.host}.check(t, a)
			if test.allowed && test.setting == "" {
				access{true, []string{"http://" + test.host}, test.host}.check(t, a)
			}
		})
	}
}

func TestPreflightReflectsRequestedHeaders(t *testing.T) {
	a, _ := start(t, settings(t, "CORS_ORIGINS=https://campus.example"))
	for _, path := range []string{
		"/api/classes", "/api/classes/Math/marks", "/socket.io/", "/socket.io", "/socket.io/?EIO=4&transport=polling&sid=x", "/healthz", "/unknown",
	} {
		for _, requested := range []string{"", "authorization", "x-user,x-role,content-type", "x-campus-client, traceparent"} {
			fields := []string{"Origin", "https://campus.example", "Access-Control-Request-Method", "POST"}
			if requested != "" {
				fields = append(fields, "Access-Control-Request-Headers", requested)
			}
			status, header, body := ask(t, http.MethodOptions, a.URL()+path, fields...)
			vary := strings.Join(header.Values("Vary"), ", ")
			if got := header.Get("Access-Control-Allow-Headers"); status != http.StatusNoContent || got != requested || body != "" {
				t.Errorf("%s: %d allows %q, want %q", path, status, got, requested)
			}
			if !strings.Contains(vary, "Origin") || !strings.Contains(vary, "Access-Control-Request-Headers") {
				t.Errorf("%s varies by %q", path, vary)
			}
			fields[1] = "https://evil.example"
			if status, header, _ := ask(t, http.MethodOptions, a.URL()+path, fields...); status != http.StatusForbidden || header.Get("Access-Control-Allow-Headers") != "" {
				t.Errorf("%s: a foreign origin gets %d %v", path, status, header)
			}
		}
	}
}

func TestForeignOriginCannotUseAnEngineSession(t *testing.T) {
	a, _ := start(t, settings(t))
	client := engineiotest.NewHTTPClient(t)
	session := engineiotest.Open(t, client, a.URL()+"/socket.io/", 4)
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodOptions} {
		if response := engineiotest.Do(t, client, method, session.URL, "", "Origin", "https://evil.example"); response.Status != http.StatusForbidden {
			t.Errorf("%s answered %d", method, response.Status)
		}
	}
	if _, err := engineiotest.TryDial(session.WebSocketURL(), "Origin", "https://evil.example"); err == nil {
		t.Error("a WebSocket opened")
	}
	if n := a.hub.Sockets(); n != 1 {
		t.Errorf("%d sessions, want the one that was there", n)
	}
}
