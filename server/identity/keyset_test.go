package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

func ecKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// jwk returns a public key as an element of a set, without a kid if id is empty.
func jwk(key crypto.PublicKey, id string) map[string]any {
	b64 := base64.RawURLEncoding.EncodeToString
	out := map[string]any{"use": "sig"}
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		point, err := k.Bytes()
		if err != nil {
			panic(err)
		}
		maps.Copy(out, map[string]any{"kty": "EC", "alg": "ES256", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])})
	case *rsa.PublicKey:
		maps.Copy(out, map[string]any{"kty": "RSA", "alg": "RS256", "n": b64(k.N.Bytes()), "e": b64(big.NewInt(int64(k.E)).Bytes())})
	}
	if id != "" {
		out["kid"] = id
	}
	return out
}

// changed returns a key with changed members; nil removes one.
func changed(key map[string]any, changes map[string]any) map[string]any {
	key = maps.Clone(key)
	maps.Copy(key, changes)
	maps.DeleteFunc(key, func(_ string, v any) bool { return v == nil })
	return key
}

// provider is an HTTP server of a key set.
type provider struct {
	*httptest.Server
	fetches atomic.Int64

	mutex  sync.Mutex
	keys   []map[string]any
	status int
}

func serveKeys(t *testing.T, keys ...map[string]any) *provider {
	t.Helper()
	p := &provider{keys: keys, status: http.StatusOK}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *provider) set(status int, keys ...map[string]any) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.status, p.keys = status, keys
}

func (p *provider) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	p.fetches.Add(1)
	p.mutex.Lock()
	defer p.mutex.Unlock()
	w.WriteHeader(p.status)
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": p.keys}) // if the client is gone, the test fails elsewhere
}

// signAs signs a valid token with a kid, without one if id is empty.
func signAs(t *testing.T, method jwt.SigningMethod, key any, id string) string {
	t.Helper()
	token := jwt.NewWithClaims(method, with(nil))
	if id != "" {
		token.Header["kid"] = id
	}
	signed, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestKeySetUnusableKeySkippedWithOneWarning(t *testing.T) {
	good, other := ecKey(t), ecKey(t)
	rsaPublic := &rsaKey(t, 2048).PublicKey
	bad := jwk(&other.PublicKey, "bad")
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &good.PublicKey, good)
	if err != nil {
		t.Fatal(err)
	}
	for name, key := range map[string]map[string]any{
		"unknown use":               changed(bad, map[string]any{"use": "hunting"}),
		"a key for encryption":      changed(bad, map[string]any{"use": "enc"}),
		"other key_ops":             changed(bad, map[string]any{"use": nil, "key_ops": []string{"encrypt"}}),
		"unknown kty":               {"kty": "quantum", "kid": "bad"},
		"no kty":                    {"kid": "bad"},
		"a symmetric key":           {"kty": "oct", "kid": "bad", "k": "c2VjcmV0"},
		"a kty of another type":     {"kty": 5, "kid": "bad"},
		"key_ops of another type":   changed(bad, map[string]any{"key_ops": "verify"}),
		"malformed n":               changed(jwk(rsaPublic, "bad"), map[string]any{"n": "!!!"}),
		"no n":                      changed(jwk(rsaPublic, "bad"), map[string]any{"n": nil}),
		"e of zero":                 changed(jwk(rsaPublic, "bad"), map[string]any{"e": "AA"}),
		"a short RSA key":           jwk(&rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537}, "bad"),
		"RSA for another hash":      changed(jwk(rsaPublic, "bad"), map[string]any{"alg": "RS512"}),
		"RSA that says ES256":       changed(jwk(rsaPublic, "bad"), map[string]any{"alg": "ES256"}),
		"RSA that says HS256":       changed(jwk(rsaPublic, "bad"), map[string]any{"alg": "HS256"}),
		"a point off its curve":     changed(bad, map[string]any{"y": bad["x"]}),
		"another curve":             changed(bad, map[string]any{"crv": "P-384"}),
		"unknown curve":             changed(bad, map[string]any{"crv": "secp256k1"}),
		"another key's certificate": changed(bad, map[string]any{"x5c": []string{base64.StdEncoding.EncodeToString(certificate)}}),
		"a broken certificate":      changed(bad, map[string]any{"x5c": []string{"AAAA"}}),
	} {
		var log strings.Builder
		p := serveKeys(t, key, jwk(&good.PublicKey, "good"))
		v, err := New(t.Context(), Options{
			JWKSURL: p.URL, JWKSWait: 10 * time.Second, Clock: func() time.Time { return now }, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := v.Verify(signAs(t, jwt.SigningMethodES256, good, "good")); err != nil {
			t.Errorf("%s: the good key is refused: %v", name, err)
		}
		// A token of the skipped key makes the verifier fetch the set again, without another warning.
		if _, err := v.Verify(signAs(t, jwt.SigningMethodES256, other, "bad")); err == nil {
			t.Errorf("%s: used nevertheless", name)
		}
		if lines := strings.Count(log.String(), "is skipped"); lines != 1 {
			t.Errorf("%s: %d warnings:\n%s", name, lines, &log)
		}
	}
}

func TestKeySetAmbiguousKeysRefuseForeignTokens(t *testing.T) {
	first, second, foreign, rsaPrivate := ecKey(t), ecKey(t), ecKey(t), rsaKey(t, 2048)
	pem := publicPEM(t, &rsaPrivate.PublicKey)
	for name, tt := range map[string]struct {
		id   string          // the kid of all keys
		good map[string]bool // the keys whose tokens are accepted
	}{
		"keys without kid":   {"", map[string]bool{"first": true, "second": true, "RSA": true}},
		"the same kid twice": {"k", map[string]bool{"first": true}},
	} {
		keys := []map[string]any{jwk(&first.PublicKey, tt.id), jwk(&second.PublicKey, tt.id), jwk(&rsaPrivate.PublicKey, tt.id)}
		v := verifier(t, Options{JWKSURL: serveKeys(t, keys...).URL})
		for who, token := range map[string]string{
			"first":            signAs(t, jwt.SigningMethodES256, first, tt.id),
			"second":           signAs(t, jwt.SigningMethodES256, second, tt.id),
			"RSA":              signAs(t, jwt.SigningMethodRS256, rsaPrivate, tt.id),
			"a foreign key":    signAs(t, jwt.SigningMethodES256, foreign, tt.id),
			"another name":     signAs(t, jwt.SigningMethodES256, first, "x"),
			"PS256":            signAs(t, jwt.SigningMethodPS256, rsaPrivate, tt.id),
			"the PEM as HS256": signAs(t, jwt.SigningMethodHS256, pem, tt.id),
			"none":             signAs(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, tt.id),
		} {
			if _, err := v.Verify(token); tt.good[who] != (err == nil) {
				t.Errorf("%s, %s: %v", name, who, err)
			}
		}
	}
}

// The fake clock stands still while the test talks to the provider, so real time does not decide the outcome.
func TestKeySetNewKeyAcceptedDespiteUnknownKids(t *testing.T) {
	old, fresh, foreign := ecKey(t), ecKey(t), ecKey(t)
	p := newPipeProvider(jwk(&old.PublicKey, "old"))
	synctest.Test(t, func(t *testing.T) {
		s, err := openKeySet(t.Context(), "http://provider/", 0, slog.New(slog.DiscardHandler), p)
		if err != nil {
			t.Fatal(err)
		}
		v := &Verifier{keys: s, key: s.keysFor, clock: func() time.Time { return now }, log: slog.New(slog.DiscardHandler)}
		v.parser = jwt.NewParser(jwt.WithValidMethods([]string{"RS256", "ES256"}), jwt.WithTimeFunc(v.clock))
		accepted := func(key *ecdsa.PrivateKey, id string) bool {
			_, err := v.Verify(signAs(t, jwt.SigningMethodES256, key, id))
			return err == nil
		}
		for range 50 {
			if accepted(foreign, "unknown") {
				t.Fatal("a token of a foreign key is accepted")
			}
		}
		if fetches := p.fetches; fetches != 2 {
			t.Errorf("%d fetches at the start and for 50 unknown keys, want 2", fetches)
		}
		p.keys = []map[string]any{jwk(&fresh.PublicKey, "fresh"), jwk(&old.PublicKey, "old")}
		time.Sleep(unknownKeyInterval)
		if !accepted(fresh, "fresh") {
			t.Error("the new key is refused after the interval")
		}
		if !accepted(old, "old") {
			t.Error("the old key is refused")
		}

		p.broken = true
		time.Sleep(2 * unknownKeyInterval)
		if accepted(foreign, "unknown") || !accepted(fresh, "fresh") {
			t.Error("the last keys are not in use while the provider is down")
		}

		p.broken, p.silent = false, true
		time.Sleep(2 * unknownKeyInterval)
		began := time.Now()
		if accepted(foreign, "unknown") {
			t.Error("a token of a foreign key is accepted")
		}
		if waited := time.Since(began); waited != unknownKeyWait {
			t.Errorf("a token waited %v for a provider that does not answer", waited)
		}
		time.Sleep(keySetTimeout) // the fetch gives up
	})
}

func TestKeySetNewKeyKeptWhileProviderIsDown(t *testing.T) {
	old, fresh := ecKey(t), ecKey(t)
	p := serveKeys(t, jwk(&old.PublicKey, "old"))
	v := verifier(t, Options{JWKSURL: p.URL})
	p.set(http.StatusOK, jwk(&fresh.PublicKey, "fresh"))
	for _, down := range []bool{false, true} {
		if down {
			p.Close()
		}
		if _, err := v.Verify(signAs(t, jwt.SigningMethodES256, fresh, "fresh")); err != nil {
			t.Errorf("down %v: %v", down, err)
		}
		if _, err := v.Verify(signAs(t, jwt.SigningMethodES256, old, "old")); err == nil {
			t.Errorf("down %v: the withdrawn key is accepted", down)
		}
	}
}

// pipeProvider answers without a network, because a fake clock does not wait for one.
type pipeProvider struct {
	keys           []map[string]any
	broken, silent bool
	fetches        int
}

func newPipeProvider(keys ...map[string]any) *pipeProvider { return &pipeProvider{keys: keys} }

func (p *pipeProvider) RoundTrip(request *http.Request) (*http.Response, error) {
	p.fetches++
	if p.silent {
		<-request.Context().Done()
		return nil, request.Context().Err()
	}
	answer := httptest.NewRecorder()
	if p.broken {
		answer.WriteHeader(http.StatusBadGateway)
	}
	_ = json.NewEncoder(answer).Encode(map[string]any{"keys": p.keys})
	return answer.Result(), nil
}

func TestKeySetRedirectFromHTTPSToHTTPRefused(t *testing.T) {
	request := func(address string) *http.Request { return httptest.NewRequest(http.MethodGet, address, http.NoBody) }
	for _, tt := range []struct {
		from, to string
		refused  bool
	}{
		{"https://a.example/", "https://b.example/", false},
		{"http://a.example/", "http://b.example/", false},
		{"http://a.example/", "https://b.example/", false},
		{"https://a.example/", "http://a.example/", true},
	} {
		if err := checkRedirect(request(tt.to), []*http.Request{request(tt.from)}); tt.refused != (err != nil) {
			t.Errorf("%s to %s: %v", tt.from, tt.to, err)
		}
	}
}

func FuzzKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]}`))
	f.Add([]byte(`{"keys":[5,null,[],{"kty":"oct","k":"AA"},{"kty":"OKP","crv":"Ed25519","x":"AA"}]}`))
	s := &keySet{log: slog.New(slog.DiscardHandler)}
	f.Fuzz(func(t *testing.T, content []byte) {
		keys, err := s.usableKeys(content)
		if err == nil && len(keys) == 0 {
			t.Error("neither keys nor an error")
		}
		for _, key := range keys {
			if err := CheckKey(key.key); err != nil {
				t.Error(err)
			}
		}
	})
}
