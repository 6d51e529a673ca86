package config

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// MatchesOrigin reports whether an Origin header is one that an entry of CORS_ORIGINS stands for. A * in the entry stands for one or
// more characters of one label of the host.
func MatchesOrigin(entry, origin string) bool {
	prefix, suffix, hasWildcard := strings.Cut(entry, "*")
	if !hasWildcard {
		return entry == origin
	}
	rest, ok := strings.CutPrefix(origin, prefix)
	label, okToo := strings.CutSuffix(rest, suffix)
	return ok && okToo && isLabel.MatchString(label)
}

// isLabel matches what browsers keep of a label of a host name in an origin.
var isLabel = regexp.MustCompile(`^[a-z0-9_-]+$`)

const maxLabel, maxHost = 63, 253 // RFC 1035, section 2.3.4

// originFault says why an entry of CORS_ORIGINS can match no origin that a browser sends, "" if it can. Browsers serialize origins by
// https://html.spec.whatwg.org/#ascii-serialisation-of-an-origin.
func originFault(entry string) string {
	scheme, address, ok := strings.Cut(entry, "://")
	switch {
	case !ok || address == "":
		return "is no origin"
	case strings.Contains(scheme, "*"):
		return "has a * outside the host"
	case strings.ContainsAny(address, "/?#@\\"):
		return "has more than a scheme, a host and a port"
	case entry != strings.ToLower(entry):
		return "has capital letters, which browsers change to small ones"
	case !isScheme.MatchString(scheme):
		return "is no origin"
	case slices.Contains([]string{"ws", "wss", "file", "ftp"}, scheme):
		return "has a scheme that no page's origin has: write https:// or http://"
	}
	host, port, hasPort := strings.Cut(address, ":")
	hostFault := nameFault
	if inBrackets, ok := strings.CutPrefix(address, "["); ok {
		host, port, ok = strings.Cut(inBrackets, "]")
		port, hasPort = strings.CutPrefix(port, ":")
		if !ok || !hasPort && port != "" {
			return "is no origin"
		}
		hostFault = ipv6Fault
	}
	if fault := hostFault(host); fault != "" || !hasPort {
		return fault
	}
	return portFault(scheme, port)
}

var isScheme = regexp.MustCompile(`^[a-z][a-z0-9+.-]*$`)

// portFault is originFault for a port.
func portFault(scheme, port string) string {
	number, err := strconv.ParseUint(port, 10, 16)
	switch {
	case strings.Contains(port, "*"):
		return "has a * outside the host"
	case err != nil || port != strconv.FormatUint(number, 10):
		return "has no port from 0 to 65535 after the colon"
	case scheme == "http" && number == 80, scheme == "https" && number == 443:
		return "has the default port, which browsers leave out"
	}
	return ""
}

// ipv6Fault is originFault for what is in brackets.
func ipv6Fault(host string) string {
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil || !ip.Is6() || ip.Zone() != "":
		return "has no IPv6 address in its brackets"
	case ip.Is4In6() || ip.String() != host:
		return "has an IPv6 address that browsers write in another way"
	}
	return ""
}

// nameFault is originFault for a host that is a name or an IPv4 address.
func nameFault(host string) string {
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	last := labels[len(labels)-1]
	switch {
	case strings.Count(host, "*") > 1:
		return "has more than one *"
	case strings.Contains(last, "*"):
		return "has a * in the last label of its host, which would allow sites of any owner"
	case len(host) > maxHost:
		return "has a host that is too long"
	}
	for _, label := range labels {
		if label == "" {
			return "has an empty label in its host"
		}
		if len(label) > maxLabel {
			return "has a label in its host that is too long"
		}
		if !isLabel.MatchString(strings.Replace(label, "*", "x", 1)) {
			return "has a character in its host that browsers write in another way (international names begin with xn--)"
		}
	}
	if endsInNumber(last) {
		host = strings.Replace(host, "*", "1", 1)
		if ip, err := netip.ParseAddr(host); err != nil || ip.String() != host {
			return "has an IPv4 address that browsers write in another way"
		}
	}
	return ""
}

// endsInNumber reports whether browsers take a host with this last label for an IPv4 address (https://url.spec.whatwg.org/#ends-in-a-number-checker).
func endsInNumber(last string) bool {
	if strings.Trim(last, "0123456789") == "" {
		return true
	}
	hexadecimal, ok := strings.CutPrefix(last, "0x")
	return ok && strings.Trim(hexadecimal, "0123456789abcdef") == ""
}
