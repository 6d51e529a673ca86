package identity

import (
	"cmp"
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

const (
	// keySetInterval is how often the set is fetched anyway: a key that its provider withdrew is accepted for as long.
	keySetInterval = time.Hour
	// unknownKeyInterval is the least time between two fetches for unknown keys, because any client can name one.
	unknownKeyInterval = 10 * time.Second
	// unknownKeyWait is how long a token waits for such a fetch.
	unknownKeyWait = 3 * time.Second

	keySetTimeout = 10 * time.Second // of one fetch
	maxKeySet     = 1 << 20          // bytes
	maxKeys       = 100
)

// errNoKey says that the key set has no key for a token.
var errNoKey = errors.New("no key of the set has this kid and fits the algorithm")

// publicKey is one usable key of a set.
type publicKey struct {
	id     string // the kid, "" without
	method string // the only algorithm that it is used with
	key    crypto.PublicKey
}

// keySet holds the keys of a JSON Web Key Set (RFC 7517) that a server provides. While that server is down, the last keys stay in
// use.
type keySet struct {
	address string
	client  http.Client
	log     *slog.Logger
	skipped map[string]bool // keys of the last set that were skipped with a warning; only the fetching goroutine uses it

	mutex   sync.Mutex
	keys    []publicKey   // never changed, only replaced
	fetched time.Time     // when the last fetch began
	running chan struct{} // closed when the fetch that is running ends; nil when none is
}

// openKeySet fetches the keys, and tries again while the server is down, until ctx ends or wait has passed. Its error says why the
// last attempt failed that had time to.
func openKeySet(ctx context.Context, address string, wait time.Duration, log *slog.Logger, transport http.RoundTripper) (*keySet, error) {
	s := &keySet{address: address, log: log, client: http.Client{
		Transport: transport, Timeout: keySetTimeout, CheckRedirect: checkRedirect,
	}}
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(wait, 30*time.Second))
	defer cancel()
	var failure error
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		err := s.fetch(ctx)
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, cmp.Or(failure, err)
		}
		failure = err
		s.log.Warn("the key set of JWT_JWKS_URL cannot be fetched yet; trying again", "err", err)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, failure
		}
	}
}

// keySetTransport keeps no connection, because there is one request an hour.
func keySetTransport() http.RoundTripper {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	return transport
}

// checkRedirect follows a few redirections, and none from https to http, where a man in the middle could insert a key.
func checkRedirect(request *http.Request, via []*http.Request) error {
	if len(via) > 5 {
		return errors.New("it redirects too often")
	}
	if via[0].URL.Scheme == "https" && request.URL.Scheme != "https" {
		return errors.New("it redirects from https to http")
	}
	return nil
}

// refresh fetches the set again and again until ctx ends.
func (s *keySet) refresh(ctx context.Context) {
	ticker := time.NewTicker(keySetInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.refetch(0)
		case <-ctx.Done():
			return
		}
	}
}

// keysFor implements jwt.Keyfunc. A token that names no key may be signed with any of the set. If the set has no key for a token,
// it is fetched again, because it may have a new one.
func (s *keySet) keysFor(token *jwt.Token) (any, error) {
	id, named := token.Header["kid"].(string)
	if _, present := token.Header["kid"]; present && !named {
		return nil, errNoKey
	}
	method, _ := token.Header["alg"].(string)
	if keys := s.matching(id, named, method); len(keys.Keys) > 0 {
		return keys, nil
	}
	if !s.refetch(unknownKeyInterval) {
		return nil, errNoKey
	}
	if keys := s.matching(id, named, method); len(keys.Keys) > 0 {
		return keys, nil
	}
	return nil, errNoKey
}

// matching returns the keys that a token may be signed with. Each key is used with its own algorithm only, whatever the
// token says.
func (s *keySet) matching(id string, named bool, method string) (set jwt.VerificationKeySet) {
	s.mutex.Lock()
	keys := s.keys
	s.mutex.Unlock()
	for _, key := range keys {
		if key.method == method && (!named || key.id == id) {
			set.Keys = append(set.Keys, key.key)
		}
	}
	return set
}

// refetch fetches the set, unless the last fetch began less than interval ago, and waits for it up to unknownKeyWait. It reports
// whether there may be other keys now.
func (s *keySet) refetch(interval time.Duration) bool {
	s.mutex.Lock()
	running := s.running
	if running == nil {
		if time.Since(s.fetched) < interval {
			s.mutex.Unlock()
			return false
		}
		running = make(chan struct{})
		s.running, s.fetched = running, time.Now()
		go s.fetchOnce(running)
	}
	s.mutex.Unlock()
	timeout := time.NewTimer(unknownKeyWait)
	defer timeout.Stop()
	select {
	case <-running:
	case <-timeout.C:
	}
	return true
}

// fetchOnce is one fetch in the background. It ends within keySetTimeout.
func (s *keySet) fetchOnce(done chan struct{}) {
	if err := s.fetch(context.Background()); err != nil {
		s.log.Warn("the key set of JWT_JWKS_URL cannot be fetched; its last keys stay in use", "err", err)
	}
	s.mutex.Lock()
	s.running = nil
	s.mutex.Unlock()
	close(done)
}

// fetch replaces the keys by those that the server provides now. Only one fetch runs at a time. Its errors do not name
// the address, which may hold a password.
func (s *keySet) fetch(ctx context.Context) error {
	content, err := s.download(ctx)
	if failed, ok := errors.AsType[*url.Error](err); ok {
		err = failed.Err
	}
	if err != nil {
		return err
	}
	keys, err := s.usableKeys(content)
	if err != nil {
		return err
	}
	s.mutex.Lock()
	s.keys = keys
	s.mutex.Unlock()
	return nil
}

func (s *keySet) download(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %d", answer.StatusCode)
	}
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxKeySet+1))
	if err == nil && len(content) > maxKeySet {
		err = fmt.Errorf("the answer has more than %d bytes", maxKeySet)
	}
	return content, err
}

// usableKeys returns the keys of a set that can verify a token. It skips the others (RFC 7517, section 5), with one warning each.
func (s *keySet) usableKeys(content []byte) ([]publicKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(content, &set); err != nil {
		return nil, errors.New("the answer is no JSON Web Key Set")
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("the set has more than %d keys", maxKeys)
	}
	var keys []publicKey
	skipped := map[string]bool{}
	for _, text := range set.Keys {
		key, err := parseKey(text)
		if err == nil && key.id != "" && slices.ContainsFunc(keys, func(k publicKey) bool { return k.id == key.id }) {
			err = errors.New("its kid is that of another key before it")
		}
		if err == nil {
			keys = append(keys, key)
			continue
		}
		if skipped[string(text)] = true; !s.skipped[string(text)] {
			s.log.Warn("a key of JWT_JWKS_URL is skipped", "kid", key.id[:min(len(key.id), 64)], "err", err)
		}
	}
	s.skipped = skipped
	if len(keys) == 0 {
		return nil, errors.New("the set has no key that can be used")
	}
	return keys, nil
}

// parseKey reads one key of a set. The id may be there even if the key is not usable.
func parseKey(text []byte) (publicKey, error) {
	var marshal jwkset.JWKMarshal
	if err := json.Unmarshal(text, &marshal); err != nil {
		return publicKey{}, errors.New("a member of it has the wrong type")
	}
	key := publicKey{id: marshal.KID}
	if marshal.USE != "" && marshal.USE != jwkset.UseSig {
		return key, errors.New("its use is not sig")
	}
	if len(marshal.KEYOPS) > 0 && !slices.Contains(marshal.KEYOPS, jwkset.KeyOpsVerify) {
		return key, errors.New("its key_ops do not contain verify")
	}
	parsed, err := jwkset.NewJWKFromMarshal(marshal, jwkset.JWKMarshalOptions{}, jwkset.JWKValidateOptions{})
	if err != nil {
		return key, err
	}
	key.key = parsed.Key()
	if err := CheckKey(key.key); err != nil {
		return key, err
	}
	key.method = methodOf(key.key)
	if marshal.ALG != "" && marshal.ALG.String() != key.method {
		return key, fmt.Errorf("its alg is not %s, which is what such a key is used with here", key.method)
	}
	return key, nil
}
