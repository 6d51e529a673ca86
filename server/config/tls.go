package config

import (
	"net"
	"regexp"
	"strings"
)

// Ports of HTTPS and HTTP.
const (
	portHTTPS = 443
	portHTTP  = 80
)

// setTLSDefaults gives a server with DOMAIN the ports at which browsers and issuers of certificates look for it.
func (c *Config) setTLSDefaults(values map[string]string) {
	if c.Domain == "" {
		return
	}
	if values["PORT"] == "" {
		c.Port = portHTTPS
	}
	if values["HTTP_PORT"] == "" {
		c.HTTPPort = portHTTP
	}
}

// TLS reports whether the server itself speaks TLS.
func (c Config) TLS() bool { return c.Domain != "" || c.TLSCert != "" }

func (c *Config) checkTLS(m *mistakes) {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		m.add("TLS_CERT and TLS_KEY", "belong together: set both")
	}
	if c.HTTPPort < 0 || c.HTTPPort > 65535 || c.HTTPPort != 0 && c.HTTPPort == c.Port {
		m.add("HTTP_PORT", "must be between 0 and 65535 and not PORT, not %d", c.HTTPPort)
	}
	if c.HTTPPort != 0 && !c.TLS() {
		c.HTTPPort = 0
		c.Warnings = append(c.Warnings, "HTTP_PORT does nothing without DOMAIN or TLS_CERT")
	}
	if c.Domain != "" {
		c.checkDomain(m)
	}
}

func (c *Config) checkDomain(m *mistakes) {
	switch {
	case !isDomain(c.Domain):
		m.add("DOMAIN", "must be a host name such as attendance.school.example, not %q", c.Domain)
	case c.TLSCert != "":
		m.add("DOMAIN", "gets a certificate by itself, and TLS_CERT has one: set one or the other")
	case c.Cluster:
		m.add("DOMAIN", "is for a server that is alone: in a cluster, the balancer has the certificate")
	case !c.Signed() && c.Host == "":
		m.add("DOMAIN", "is for other machines, and without JWT_SECRET, JWT_PUBLIC_KEY or JWT_JWKS_URL everybody is believed to be who they say: "+
			"set one of these, or HOST and OPEN_MODE=true if that is meant")
	}
	if !isWebAddress(c.ACMEDirectory) || !strings.HasPrefix(c.ACMEDirectory, "https:") {
		m.add("ACME_DIRECTORY", "must be an https address such as https://acme-v02.api.letsencrypt.org/directory, not %q", c.ACMEDirectory)
	}
}

// domainName matches labels of letters, digits and hyphens, two at the least.
var domainName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// isDomain reports whether text is a host name with a dot, and no address.
func isDomain(text string) bool {
	return len(text) <= 253 && domainName.MatchString(text) && net.ParseIP(text) == nil
}
