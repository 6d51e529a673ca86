package app

import (
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"
)

// findClientAddress is the middleware that makes the address of a request that of the client, where a proxy of TRUSTED_PROXIES has
// passed the request on. The port is 0 then.
func (a *App) findClientAddress(c *gin.Context) {
	if len(a.settings.TrustedProxies) == 0 {
		return
	}
	peer, err := netip.ParseAddrPort(c.Request.RemoteAddr)
	if err != nil {
		return
	}
	direct := peer.Addr().Unmap()
	if client := clientBehind(direct, c.Request.Header["X-Forwarded-For"], a.settings.TrustedProxies.Contain); client != direct {
		c.Request.RemoteAddr = netip.AddrPortFrom(client, 0).String()
	}
}

// clientBehind returns the address nearest to this server that is no trusted proxy's. Each proxy appends the address from which it got
// the request, so the client can only have written what is left of that. If a trusted proxy appends no address, the proxy is the client.
func clientBehind(direct netip.Addr, forwarded []string, trusted func(netip.Addr) bool) netip.Addr {
	rest := strings.Join(forwarded, ",")
	for trusted(direct) && rest != "" {
		comma := strings.LastIndexByte(rest, ',')
		next, ok := forwardedAddress(rest[comma+1:])
		if !ok {
			break
		}
		direct, rest = next, rest[:max(comma, 0)]
	}
	return direct
}

// forwardedAddress reads an entry of X-Forwarded-For. Some proxies append the port.
func forwardedAddress(entry string) (netip.Addr, bool) {
	entry = strings.TrimSpace(entry)
	address, err := netip.ParseAddr(strings.Trim(entry, "[]"))
	if err != nil {
		withPort, err := netip.ParseAddrPort(entry)
		if err != nil {
			return netip.Addr{}, false
		}
		address = withPort.Addr()
	}
	return address.Unmap().WithZone(""), true
}
