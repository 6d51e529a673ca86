package config

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/neuracampus/attendance/server/identity"
)

// checkIdentity allows one kind of key at most, so that the configuration and not the token decides on the algorithm.
func (c *Config) checkIdentity(m *mistakes) {
	var given []string
	for _, s := range []struct {
		name  string
		value Secret
	}{
		{"JWT_SECRET", c.JWTSecret}, {"JWT_PUBLIC_KEY", c.JWTPublicKey}, {"JWT_JWKS_URL", c.JWTJWKSURL},
	} {
		if s.value != "" {
			given = append(given, s.name)
		}
	}
	if len(given) > 1 {
		m.add(strings.Join(given, " and "), "exclude each other: set one of them")
	}
	if c.Signed() {
		c.checkKeys(m)
	}
	c.checkMode(m)
	if err := (&http.Cookie{Name: c.JWTCookie, Value: "x"}).Valid(); err != nil {
		m.add("JWT_COOKIE", "must be a cookie name, not %q", c.JWTCookie)
	}
}

// checkMode refuses open mode on anything but a local address, unless OPEN_MODE is set.
func (c *Config) checkMode(m *mistakes) {
	for _, s := range []struct {
		name  string
		given bool
	}{
		{"JWT_ISSUER", c.JWTIssuer != ""}, {"JWT_AUDIENCE", c.JWTAudience != ""}, {"JWT_MAX_AGE", c.JWTMaxAge != 0},
	} {
		if s.given && !c.Signed() {
			m.add(s.name, "needs JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL beside it")
		}
	}
	switch {
	case c.OpenMode && c.Signed():
		m.add("OPEN_MODE", "lets in everybody without a token, which JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URL ask for: set one or the other")
	case !c.OpenMode && !c.Signed() && !c.Local():
		m.add("HOST", "is not this machine only, and without JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL everybody is believed to be who they say: "+
			"set one of these, or OPEN_MODE=true if that is meant")
	}
}

// checkKeys checks the keys that are set. Its sentences hold no values.
func (c *Config) checkKeys(m *mistakes) {
	if c.JWTSecret != "" {
		if fault := secretFault(string(c.JWTSecret)); fault != "" {
			m.add("JWT_SECRET", "%s", fault)
		}
	}
	if c.JWTPublicKey != "" {
		key, err := publicKey(string(c.JWTPublicKey))
		if err != nil {
			m.add("JWT_PUBLIC_KEY", "must be a PEM public key or the path of one: %w", err)
		}
		c.PublicKey = key
	}
	if c.JWTJWKSURL != "" && !isWebAddress(string(c.JWTJWKSURL)) {
		m.add("JWT_JWKS_URL", "must be an http or https address such as https://campus.example/.well-known/jwks.json")
	}
}

func isWebAddress(value string) bool {
	u, err := url.Parse(value)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http")
}

// minSecret is the least length in bytes that HS256 requires: that of its hash (RFC 7518, section 3.2).
const minSecret = 32

// samples are parts of the sample secrets in manuals, in lower case.
var samples = []string{
	"random-characters-or-more", "openssl rand", "openssl-rand", // this project's
	"256-bit", // jwt.io's
	"changeme", "change-me", "change_me", "change-this", "change_this", "change this",
	"replace-", "replace_", "replace this", "replaceme",
	"your-secret", "your_secret", "yoursecret", "your secret", "your-super-secret", "your_super_secret",
}

func isSample(secret string) bool {
	return slices.ContainsFunc(samples, func(sample string) bool { return strings.Contains(strings.ToLower(secret), sample) })
}

// secretFault returns what is wrong with a secret, "" if nothing is.
func secretFault(secret string) string {
	switch {
	case isSample(secret):
		return "is the sample text of a manual, which everybody knows: make one with openssl rand -hex 32"
	case strings.Contains(secret, "-----BEGIN") || isPublicDER(secret) || strings.HasPrefix(secret, "ssh-"):
		return "holds a key of another kind: a public key, which everybody may know, belongs in JWT_PUBLIC_KEY, and a private key stays with the issuer of the tokens"
	case isWebAddress(secret):
		return "holds an address, which is no secret: that of a key set belongs in JWT_JWKS_URL"
	case len(secret) < minSecret:
		return "is too short: it needs 32 bytes at least, such as openssl rand -hex 32 makes"
	case distinct(secret) < 8:
		return "repeats a few characters and can be guessed: make one with openssl rand -hex 32"
	}
	return ""
}

// isPublicDER reports whether a secret is a public key or certificate without its PEM lines.
func isPublicDER(secret string) bool {
	der, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(secret), ""))
	if err != nil {
		return false
	}
	_, notKey := x509.ParsePKIXPublicKey(der)
	_, notCertificate := x509.ParseCertificate(der)
	return notKey == nil || notCertificate == nil
}

func distinct(text string) int {
	seen := map[rune]bool{}
	for _, r := range text {
		seen[r] = true
	}
	return len(seen)
}

// publicKey reads an RSA or P-256 key. In a value that is PEM itself, line breaks may be written as \n, because many tools set
// environment variables of one line only.
func publicKey(value string) (crypto.PublicKey, error) {
	text := []byte(strings.ReplaceAll(value, `\n`, "\n"))
	if !strings.Contains(value, "-----BEGIN") {
		var err error
		if text, err = readLimited(value); err != nil {
			return nil, err
		}
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("there is no complete PEM block in it")
	}
	key, err := parseBlock(block)
	if err != nil {
		return nil, err
	}
	return key, identity.CheckKey(key)
}

func parseBlock(block *pem.Block) (key crypto.PublicKey, err error) {
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "CERTIFICATE":
		var certificate *x509.Certificate
		if certificate, err = x509.ParseCertificate(block.Bytes); err == nil {
			key = certificate.PublicKey
		}
	default:
		if strings.Contains(block.Type, "PRIVATE KEY") {
			return nil, errors.New("it holds a private key, which only the issuer of the tokens may have")
		}
		return nil, errors.New("its PEM block is neither a public key nor a certificate")
	}
	if err != nil {
		return nil, errors.New("its PEM block cannot be decoded")
	}
	return key, nil
}
