package command_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/server/command"
)

const (
	secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
	other  = "8c1d90f2e37b4a65910bd2fc6e8a73540f1e2d3c4b5a69788796a5b4c3d2e1f0"
)

// run returns the exit status and the output of a command with these settings.
func run(t *testing.T, arguments, input string, environ ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err strings.Builder
	status = command.Run(t.Context(), command.Process{
		Environ: environ, Dotenv: filepath.Join(t.TempDir(), ".env"), Stdin: strings.NewReader(input), Stdout: &out, Stderr: &err,
	}, strings.Fields(arguments))
	return status, out.String(), err.String()
}

func TestCommandsAnswerWithTheirStatus(t *testing.T) {
	directory := t.TempDir()
	data := "DATA_DIR=" + filepath.Join(directory, "data")
	if err := os.WriteFile(filepath.Join(directory, "secret"), []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		arguments      string
		environ        []string
		status         int
		stdout, stderr string // a part of each; "" is nothing at all
	}{
		{"version", nil, 0, "attendance ", ""},
		{"--version", nil, 0, "attendance ", ""},
		{"help", nil, 0, "backup FILE", ""},
		{"--help", nil, 0, "Usage: attendance", ""},
		{"help me", nil, 2, "", `"me" is one too many`},
		{"serve", nil, 2, "", `there is no command "serve"`},
		{"--verbose", nil, 2, "", `there is no command "--verbose"`},
		{"settings", []string{"PORT=80", "JWT_SECRET=" + secret}, 0, "PORT=80\n", ""},
		{"settings", []string{"PORT=x"}, 1, "", "PORT must be a whole number"},
		{"check", []string{data}, 0, "ok    database: SQLite", ""},
		{"check", []string{"PORT=x"}, 1, "", "PORT must be a whole number"},
		{"check", []string{"DATABASE_DSN=user:topsecret@tcp(127.0.0.1:1)/attendance"}, 1, "FAULT database: ", "would not work"},
		{"check", []string{data, "REDIS_URL=redis://:topsecret@127.0.0.1:1", "DATABASE_DSN=a:b@tcp(127.0.0.1:1)/c", "CLUSTER=true", "NODE_NAME=a"}, 1, "FAULT Redis: ", "would not work"},
		{"check", []string{data, "JWT_JWKS_URL=http://campus:topsecret@127.0.0.1:1/keys"}, 1, "FAULT keys of the tokens: ", "would not work"},
		{"backup", nil, 2, "", "name the file"},
		{"backup a b", nil, 2, "", `"b" is one too many`},
		{"backup " + directory + "/copy.db", []string{data}, 1, "", "no database to copy"},
		{"backup copy.db", []string{"DATABASE_DSN=user:topsecret@tcp(127.0.0.1:1)/attendance"}, 1, "", "mariadb-dump"},
		{"retention", nil, 2, "", "add --dry-run"},
		{"retention --dry-run", []string{data}, 1, "", "RETENTION is not set"},
		{"retention --dry-run", []string{data, "RETENTION=400d"}, 0, "0 sessions before ", ""},
		{"healthcheck", []string{"PORT=1"}, 1, "", "does not answer"},
		{"token", nil, 2, "", "--sub"},
		{"token --sub t1", nil, 2, "", "--role"},
		{"token --sub t1 --role teacher --for soon", nil, 2, "", "-for"},
		{"token --sub t1 --role teacher --for -1h", nil, 2, "", "--for"},
		{"token --sub t1 --role teacher", nil, 1, "", "set JWT_SECRET"},
		{"token --sub t1 --role teacher --secret-file " + directory + "/none", nil, 1, "", "cannot be read"},
		{"token --sub t1 --role teacher --secret-file " + directory + "/secret", nil, 0, "eyJ", ""},
		{"token check a.b.c", nil, 1, "", "takes no tokens"},
		{"token check a.b.c", []string{"JWT_SECRET=" + secret}, 1, "", "token_invalid"},
		{"token check a b", []string{"JWT_SECRET=" + secret}, 2, "", `"b" is one too many`},
	} {
		status, stdout, stderr := run(t, test.arguments, "", test.environ...)
		if status != test.status {
			t.Errorf("%s: exit status %d, want %d: %s", test.arguments, status, test.status, stderr)
		}
		for _, output := range [][2]string{{stdout, test.stdout}, {stderr, test.stderr}} {
			if text, want := output[0], output[1]; !strings.Contains(text, want) || (text == "") != (want == "") {
				t.Errorf("%s: %q, want %q", test.arguments, text, want)
			}
		}
		if all := stdout + stderr; strings.Contains(all, "topsecret") || strings.Contains(all, secret) {
			t.Errorf("%s prints a secret: %s", test.arguments, all)
		}
	}
}

func TestTokensAreThoseTheServerAccepts(t *testing.T) {
	for name, environ := range map[string][]string{
		"secret":              {"JWT_SECRET=" + secret},
		"issuer and audience": {"JWT_SECRET=" + secret, "JWT_ISSUER=campus", "JWT_AUDIENCE=attendance"},
		"maximal age":         {"JWT_SECRET=" + secret, "JWT_MAX_AGE=1h"},
	} {
		status, signed, stderr := run(t, "token --sub 5 --role teacher --for 1h", "", environ...)
		if status != 0 {
			t.Fatalf("%s: %s", name, stderr)
		}
		if status, found, stderr := run(t, "token check", signed, environ...); status != 0 || !strings.HasPrefix(found, "5, teacher; it expires at ") {
			t.Errorf("%s: %s%s", name, found, stderr)
		}
		if status, _, stderr := run(t, "token check "+signed, "", "JWT_SECRET="+other); status != 1 || !strings.Contains(stderr, "token_invalid") {
			t.Errorf("%s: another secret: %d %s", name, status, stderr)
		}
	}
}
