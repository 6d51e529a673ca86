package app

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"time"
)

// openTLS prepares TLS, if the settings ask for it.
func (a *App) openTLS() (err error) {
	switch {
	case a.settings.Domain != "":
		a.acme = newACME(a.settings, a.logger)
		a.tls = a.acme.tlsConfig()
		a.tls.NextProtos = append([]string{"http/1.1"}, a.tls.NextProtos...) // the transports need connections of their own
	case a.settings.TLSCert != "":
		a.certificate, err = newCertificateFiles(a.settings.TLSCert, a.settings.TLSKey, a.logger)
		a.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: a.certificate.get, NextProtos: []string{"http/1.1"}}
	}
	return err
}

// manageCertificate gets the certificate of DOMAIN until ctx ends.
func (a *App) manageCertificate(ctx context.Context) {
	if a.acme == nil {
		return
	}
	if err := a.acme.manage(ctx, a.listener.Addr().(*net.TCPAddr)); err != nil {
		a.logger.Error("there will be no certificate", "domain", a.settings.Domain, "err", err)
	}
}

// openPlainPort listens on HTTP_PORT.
func (a *App) openPlainPort(ctx context.Context) (err error) {
	if a.settings.HTTPPort == 0 {
		return nil
	}
	a.plain, err = listenOn(ctx, a.settings.Host, strconv.Itoa(a.settings.HTTPPort))
	return err
}

// servePlain sends browsers that come over plain HTTP to HTTPS, and answers the challenges of the certificate's issuer.
func (a *App) servePlain() {
	if a.plain == nil {
		return
	}
	var handler http.Handler = http.HandlerFunc(a.redirect)
	if a.acme != nil {
		handler = a.acme.answerChallenges(handler)
	}
	a.plainServer = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       bodyTimeout,
		WriteTimeout:      10 * time.Second,
		IdleTimeout:       10 * time.Second,
		MaxHeaderBytes:    a.http.MaxHeaderBytes,
		ErrorLog:          a.http.ErrorLog,
	}
	go func() { _ = a.plainServer.Serve(a.plain) }() // ends with close
}

// redirect leads to the same address over HTTPS.
func (a *App) redirect(w http.ResponseWriter, r *http.Request) {
	name := a.settings.Domain
	if name == "" {
		name = hostName(r.Host)
	}
	if port := a.listener.Addr().(*net.TCPAddr).Port; port != 443 {
		name = net.JoinHostPort(name, strconv.Itoa(port))
	}
	if !plainHost.MatchString(name) {
		http.Error(w, "This server is reached over https.", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, "https://"+name+r.URL.RequestURI(), http.StatusPermanentRedirect)
}

// closeTLS ends what openTLS, openPlainPort and servePlain have begun.
func (a *App) closeTLS() {
	if a.plain != nil {
		_ = a.plain.Close() // an error means that it is closed already
	}
	if a.plainServer != nil {
		_ = a.plainServer.Close() // the requests are short
	}
	if a.acme != nil {
		a.acme.cache.Stop()
	}
}
