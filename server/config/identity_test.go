package config

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestLoadTrimsOrReportsSurroundingText(t *testing.T) {
	const secret = "0123456789abcdef0123456789abcdef"
	for name, tt := range map[string]struct {
		value string
		named bool // at start, as a mistake
	}{
		"a line break at the end": {secret + "\n", false},
		"CRLF at the end":         {secret + "\r\n", false},
		"spaces around":           {"  " + secret + "\t", false},
		"a no-break space":        {secret + "\u00A0", false},
		"a byte order mark":       {"\uFEFF" + secret, false},
		"double quotes":           {`"` + secret + `"`, true},
		"single quotes":           {"'" + secret + "'", true},
		"quotes and a line break": {`"` + secret + "\"\n", true},
	} {
		for _, setting := range []string{"JWT_SECRET", "JWT_ISSUER", "JWT_AUDIENCE", "JWT_COOKIE", "DATABASE_DSN", "HOST", "DATA_DIR", "JWT_PUBLIC_KEY"} {
			value, want := tt.value, secret
			if setting == "JWT_PUBLIC_KEY" {
				file := filepath.Join(t.TempDir(), "key.pem")
				if err := os.WriteFile(file, []byte(rsaPEM(t)), 0o600); err != nil {
					t.Fatal(err)
				}
				value, want = strings.ReplaceAll(value, secret, file), file
			}
			environ := []string{setting + "=" + value}
			if setting != "JWT_SECRET" && setting != "JWT_PUBLIC_KEY" {
				environ = append(environ, goodSecret)
			}
			c, err := Load(environ, noFile)
			if tt.named {
				if err == nil || !strings.Contains(err.Error(), setting+" is in quotes") || strings.Contains(err.Error(), secret) {
					t.Errorf("%s, %s: %v", setting, name, err)
				}
				continue
			}
			got := map[string]string{
				"JWT_SECRET": string(c.JWTSecret), "JWT_ISSUER": c.JWTIssuer, "JWT_AUDIENCE": c.JWTAudience, "JWT_COOKIE": c.JWTCookie,
				"DATABASE_DSN": string(c.DatabaseDSN), "HOST": c.Host, "DATA_DIR": c.DataDir, "JWT_PUBLIC_KEY": string(c.JWTPublicKey),
			}[setting]
			if err != nil || got != want {
				t.Errorf("%s, %s: %q, %v", setting, name, got, err)
			}
			if warned := len(c.Warnings) > 0; warned != (setting == "JWT_SECRET") {
				t.Errorf("%s, %s: warnings %q", setting, name, c.Warnings)
			}
		}
	}
}

func TestLoadWeakSecretRefusedWithoutItsValue(t *testing.T) {
	public := rsaPEM(t)
	lines := strings.Split(strings.TrimSpace(public), "\n")
	der := strings.Join(lines[1:len(lines)-1], "")
	for name, tt := range map[string]struct{ value, want string }{
		"short":               {"abc", "is too short: it needs 32 bytes at least"},
		"31 bytes":            {"0123456789abcdef0123456789abcde", "is too short"},
		"the former README's": {"32-random-characters-or-more-from-openssl-rand", "is the sample text"},
		"the README's":        {"PASTE-HERE-WHAT-openssl rand -hex 32-PRINTS", "is the sample text"},
		"replace with":        {"replace-with-a-random-text-of-32-bytes", "is the sample text"},
		"jwt.io's":            {"a-string-secret-at-least-256-bits-long", "is the sample text"},
		"change me":           {"please-Change-Me-before-you-go-live-with-it", "is the sample text"},
		"a public key":        {public, "holds a key of another kind"},
		"in one line":         {strings.ReplaceAll(public, "\n", `\n`), "holds a key of another kind"},
		"without its lines":   {der, "holds a key of another kind"},
		"a private key":       {"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----", "holds a key of another kind"},
		"an ssh key":          {"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ teacher@campus", "holds a key of another kind"},
		"an address":          {"https://campus.example/.well-known/jwks.json", "holds an address"},
		"one letter":          {strings.Repeat("x", 64), "repeats a few characters"},
		"two letters":         {strings.Repeat("ab", 32), "repeats a few characters"},
	} {
		_, err := Load([]string{"JWT_SECRET=" + tt.value}, noFile)
		if err == nil || !strings.HasPrefix(err.Error(), "JWT_SECRET "+tt.want) || strings.Contains(err.Error(), tt.value) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, good := range []string{
		"0123456789abcdef0123456789abcdef", "correct horse battery staple, and more",
		base64.StdEncoding.EncodeToString([]byte("32 bytes that may be any at all!")),
	} {
		if _, err := Load([]string{"JWT_SECRET=" + good}, noFile); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

func TestLoadWrongKeyRefusedWithoutItsValue(t *testing.T) {
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("hunter2")}))
	for name, environ := range map[string]string{
		"a secret for a key":       "JWT_PUBLIC_KEY=hunter2-hunter2-hunter2-hunter2",
		"a path that is too long":  "JWT_PUBLIC_KEY=" + strings.Repeat("hunter2", 1000),
		"half a key":               "JWT_PUBLIC_KEY=-----BEGIN PUBLIC KEY-----hunter2",
		"a private key":            "JWT_PUBLIC_KEY=" + string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: []byte("hunter2")})),
		"another block":            "JWT_PUBLIC_KEY=" + string(pem.EncodeToMemory(&pem.Block{Type: "hunter2", Bytes: []byte("x")})),
		"a broken certificate":     "JWT_PUBLIC_KEY=" + certificate,
		"a key in quotes":          `JWT_PUBLIC_KEY="hunter2"`,
		"an address without http":  "JWT_JWKS_URL=campus:hunter2@keys.example/jwks",
		"another scheme":           "JWT_JWKS_URL=ftp://campus:hunter2@keys.example/jwks",
		"a port that is no number": "JWT_JWKS_URL=https://campus:hunter2@keys.example:x/jwks",
		"an address in quotes":     `JWT_JWKS_URL='https://campus:hunter2@keys.example/jwks'`,
		"a secret in quotes":       `JWT_SECRET="hunter2"`,
		"a short secret":           "JWT_SECRET=hunter2",
	} {
		_, err := Load([]string{environ}, noFile)
		setting, _, _ := strings.Cut(environ, "=")
		if err == nil || !strings.HasPrefix(err.Error(), setting+" ") || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLoadMisspeltIdentitySettingRefused(t *testing.T) {
	for name, nearest := range map[string]string{
		"JWT_SECERT": "JWT_SECRET", "JWT_SECRETS": "JWT_SECRET", "jwt_secret": "JWT_SECRET", "JWTSECRET": "JWT_SECRET",
		"JWT_PUBLICKEY": "JWT_PUBLIC_KEY", "JWT_JWKS_URI": "JWT_JWKS_URL", "JWT_ISS": "JWT_ISSUER", "JWT_AUD": "JWT_AUDIENCE",
	} {
		const value = "0123456789abcdef0123456789abcdef"
		_, inEnvironment := Load([]string{name + "=" + value}, noFile)
		_, inFile := loadDotenv(t, name+"="+value)
		for _, err := range []error{inEnvironment, inFile} {
			if err == nil || err.Error() != name+" is no setting of this server; did you mean "+nearest+"?" {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := Load([]string{"JWT_SECERT="}, noFile); err != nil {
		t.Errorf("a variable that is set to nothing: %v", err)
	}
}

func TestLoadOpenModeOnNetworkNeedsSetting(t *testing.T) {
	for host, local := range map[string]bool{
		"": true, "localhost": true, "LOCALHOST": true, "127.0.0.1": true, "127.9.9.9": true, "::1": true, "::ffff:127.0.0.1": true,
		"0.0.0.0": false, "::": false, "192.168.1.5": false, "fe80::1": false, "campus.example": false, "localhost.campus.example": false,
	} {
		_, err := Load([]string{"HOST=" + host}, noFile)
		if local != (err == nil) || err != nil && !strings.Contains(err.Error(), "OPEN_MODE=true") {
			t.Errorf("HOST=%s: %v", host, err)
		}
		for _, more := range []string{"OPEN_MODE=true", goodSecret} {
			if _, err := Load([]string{"HOST=" + host, more}, noFile); err != nil {
				t.Errorf("HOST=%s %s: %v", host, more, err)
			}
		}
	}
	if _, err := Load([]string{goodSecret, "OPEN_MODE=true"}, noFile); err == nil || !strings.HasPrefix(err.Error(), "OPEN_MODE lets in everybody") {
		t.Errorf("both: %v", err)
	}
}

// The image sets nothing with which a container without a key would let in everybody who reaches it.
func TestImageWithoutKeyListensOnThisMachineOnly(t *testing.T) {
	file, err := os.ReadFile("../../deploy/Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	var environ []string
	for line := range strings.Lines(string(file)) {
		if variables, ok := strings.CutPrefix(line, "ENV "); ok {
			environ = append(environ, strings.Fields(variables)...)
		}
	}
	if !slices.Contains(environ, "DATA_DIR=/data") {
		t.Fatalf("the image sets %q", environ)
	}
	if c, err := Load(environ, noFile); err != nil || !c.Local() || c.OpenMode {
		t.Errorf("with %q: %v, listens on %s", environ, err, c.Addr())
	}
}

func rsaPEM(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}
