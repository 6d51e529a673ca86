package command

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

const (
	healthTimeout = 5 * time.Second
	// maxHealthAnswer is how many bytes of an answer are printed.
	maxHealthAnswer = 1024
)

// healthcheck asks for /readyz, for containers in which there is no other program that could.
func healthcheck(ctx context.Context, p Process, arguments []string) error {
	if err := refuseArguments("healthcheck", arguments); err != nil {
		return err
	}
	known, err := p.settings()
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(known.Addr())
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost" // it listens on every address
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	scheme := "http"
	if known.TLS() {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+net.JoinHostPort(host, port)+"/readyz", http.NoBody)
	if err != nil {
		return err
	}
	// The certificate is for the name by which others know this machine. The question is no secret.
	ofOtherName := &tls.Config{InsecureSkipVerify: true, ServerName: known.Domain, MinVersion: tls.VersionTLS12}
	response, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: ofOtherName}}).Do(request)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxHealthAnswer))
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	text := strings.TrimSpace(string(answer))
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not ready: %s", text)
	}
	_, err = fmt.Fprintln(p.Stdout, text)
	return err
}
