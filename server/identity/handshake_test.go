package identity

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

func TestCredentialsKeepTokensOnly(t *testing.T) {
	v, err := New(t.Context(), Options{Secret: []byte("0123456789abcdef0123456789abcdef"), Cookie: "accessToken"})
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", 10_000)
	for name, handshake := range map[string]struct {
		header http.Header
		query  url.Values
	}{
		"nothing":            {http.Header{}, url.Values{}},
		"a header":           {http.Header{"Authorization": {"Bearer a.b.c"}}, nil},
		"another scheme":     {http.Header{"Authorization": {"Basic abc"}}, nil},
		"the query":          {nil, url.Values{"token": {"a.b.c"}, "EIO": {"4"}}},
		"a cookie":           {http.Header{"Cookie": {"theme=dark; accessToken=a.b.c; other=" + large}}, nil},
		"a quoted cookie":    {http.Header{"Cookie": {`accessToken="a.b.c"`}}, nil},
		"two cookies":        {http.Header{"Cookie": {"accessToken=a.b.c; accessToken=d.e.f"}}, nil},
		"two cookie headers": {http.Header{"Cookie": {"theme=dark", "accessToken=a.b.c"}}, nil},
		"everything":         {http.Header{"Authorization": {"Bearer a"}, "Cookie": {"accessToken=b"}, "User-Agent": {large}}, url.Values{"token": {"c"}, "x": {large}}},
	} {
		t.Run(name, func(t *testing.T) {
			header, query := v.Credentials(handshake.header, handshake.query)
			if got, want := v.tokens(header, query, nil), v.tokens(handshake.header, handshake.query, nil); !slices.Equal(got, want) {
				t.Errorf("finds %q, want %q", got, want)
			}
			size := len(query.Encode())
			for name, values := range header {
				size += len(name) + len(strings.Join(values, ""))
			}
			if size > 100 {
				t.Errorf("keeps %d bytes: %v %v", size, header, query)
			}
		})
	}
}
