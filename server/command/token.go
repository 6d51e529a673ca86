package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/neuracampus/attendance/models"
	"github.com/neuracampus/attendance/server/app"
	"github.com/neuracampus/attendance/server/config"
	"github.com/neuracampus/attendance/server/identity"
)

const (
	// maxTokenInput is how many bytes of the input are read as a token.
	maxTokenInput = 64 << 10
	// jwksWait is how long a command waits for the server of JWT_JWKS_URL.
	jwksWait = 5 * time.Second
)

// token makes a token, for a first try and for scripts.
func token(_ context.Context, p Process, arguments []string) error {
	flags := flag.NewFlagSet("token", flag.ContinueOnError)
	sub := flags.String("sub", "", "")
	role := flags.String("role", "", "")
	lifetime := flags.Duration("for", 8*time.Hour, "")
	file := flags.String("secret-file", "", "")
	if _, err := parse(flags, arguments, 0); err != nil {
		return err
	}
	var id models.ID
	switch {
	case *sub == "":
		return wrongUsage("token: --sub names the user")
	case id.UnmarshalJSON([]byte(strconv.Quote(*sub))) != nil:
		return wrongUsage("token: --sub is no id that the server takes")
	case *role == "":
		return wrongUsage("token: --role says what the user is, such as teacher or student")
	case *lifetime <= 0:
		return wrongUsage("token: --for is how long the token is valid, such as 8h")
	}
	known, err := p.settings()
	if err != nil {
		return err
	}
	secret := string(known.JWTSecret)
	if *file != "" {
		content, err := os.ReadFile(*file)
		if err != nil {
			return fmt.Errorf("the secret cannot be read: %w", err)
		}
		secret = strings.TrimSpace(string(content))
	}
	if secret == "" {
		return errors.New("there is no secret to sign with: set JWT_SECRET or name a file with --secret-file; " +
			"with JWT_PUBLIC_KEY and JWT_JWKS_URL only their issuer can make tokens")
	}
	signed, err := identity.Sign([]byte(secret), *sub, *role, known.JWTIssuer, known.JWTAudience, *lifetime)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.Stdout, signed)
	return err
}

// tokenCheck reads a token as the server does when a client connects.
func tokenCheck(ctx context.Context, p Process, arguments []string) error {
	given, err := parse(flag.NewFlagSet("token check", flag.ContinueOnError), arguments, 1)
	if err != nil {
		return err
	}
	known, err := p.settings()
	if err != nil {
		return err
	}
	if !known.Signed() {
		return errors.New("the server takes no tokens: none of JWT_SECRET, JWT_PUBLIC_KEY and JWT_JWKS_URL is set")
	}
	var text string
	if len(given) == 1 {
		text = given[0]
	} else {
		input, err := io.ReadAll(io.LimitReader(p.Stdin, maxTokenInput))
		if err != nil {
			return fmt.Errorf("read the token: %w", err)
		}
		text = strings.TrimSpace(string(input))
	}
	verifier, err := identity.New(ctx, verifierOptions(known))
	if err != nil {
		return err
	}
	claims, err := verifier.Verify(text)
	if refusal, ok := errors.AsType[*identity.Refusal](err); ok {
		return fmt.Errorf("the server refuses this token (%s): %s", refusal.Reason, refusal.Cause)
	}
	expires := "never"
	if !claims.Expires.IsZero() {
		expires = "at " + claims.Expires.UTC().Format(time.RFC3339)
	}
	_, err = fmt.Fprintf(p.Stdout, "%s, %s; it expires %s\n", claims.Actor.ID, claims.Actor.Role, expires)
	return err
}

func verifierOptions(known config.Config) identity.Options {
	options := app.VerifierOptions(known)
	options.Logger, options.JWKSWait = slog.New(slog.DiscardHandler), jwksWait
	return options
}
