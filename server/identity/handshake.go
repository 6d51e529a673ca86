package identity

import (
	"net/http"
	"net/url"
	"strings"
)

// Credentials returns the part of a handshake's header and query that Identify reads, without references to the rest, because
// a connection keeps it while it is open.
func (v *Verifier) Credentials(header http.Header, query url.Values) (http.Header, url.Values) {
	kept := http.Header{}
	if value := header.Get("Authorization"); value != "" {
		kept.Set("Authorization", strings.Clone(value))
	}
	for _, cookie := range (&http.Request{Header: header}).CookiesNamed(v.cookie) {
		kept.Add("Cookie", strings.Clone(cookie.String()))
	}
	token := url.Values{}
	if value := query.Get("token"); value != "" {
		token.Set("token", strings.Clone(value))
	}
	return kept, token
}
