package config

import (
	"net/url"
	"strings"
	"testing"
)

func TestOriginWildcardMatchesOneLabelOrAPart(t *testing.T) {
	for _, test := range []struct {
		entry, origin string
		want          bool
	}{
		{"https://campus.example", "https://campus.example", true},
		{"https://campus.example", "https://a.campus.example", false},
		{"https://*.campus.example", "https://a.campus.example", true},
		{"https://*.campus.example", "https://xn--bcher-kva.campus.example", true},
		{"https://*.campus.example", "https://campus.example", false},
		{"https://*.campus.example", "https://.campus.example", false},
		{"https://*.campus.example", "https://a.b.campus.example", false},
		{"https://*.campus.example", "http://a.campus.example", false},
		{"https://*.campus.example", "https://a.campus.example:8443", false},
		{"https://*.campus.example", "https://a.campus.example.evil.example", false},
		{"https://*.campus.example", "https://evil.example/.campus.example", false},
		{"https://*.campus.example", "https://evil.example#.campus.example", false},
		{"https://*.campus.example", "https://evil.example?.campus.example", false},
		{"https://*.campus.example", `https://evil.example\.campus.example`, false},
		{"https://*.campus.example", "https://evil.example:1.campus.example", false},
		{"https://*.campus.example", "https://user@.campus.example", false},
		{"https://*.campus.example", "https://a%2e.campus.example", false},
		{"https://*.campus.example", "https://A.campus.example", false},
		{"https://*.campus.example", "https://a\n.campus.example", false},
		{"https://*.campus.example", "https://*.campus.example", false},
		{"https://*.campus.example:8443", "https://a.campus.example:8443", true},
		{"https://*.campus.example:8443", "https://a.campus.example", false},
		{"https://app-*-team.vercel.app", "https://app-git-main-team.vercel.app", true},
		{"https://app-*-team.vercel.app", "https://app-x-team.vercel.app", true},
		{"https://app-*-team.vercel.app", "https://app--team.vercel.app", false},
		{"https://app-*-team.vercel.app", "https://app-team.vercel.app", false},
		{"https://app-*-team.vercel.app", "https://app-x.evil-team.vercel.app", false},
		{"https://app-*-team.vercel.app", "https://app-x-team.evil.app", false},
		{"https://a.*.example", "https://a.b.example", true},
		{"https://a.*.example", "https://a.b.c.example", false},
		{"http://10.0.*.5:3000", "http://10.0.7.5:3000", true},
		{"http://10.0.*.5:3000", "http://10.0.7.6:3000", false},
	} {
		if got := MatchesOrigin(test.entry, test.origin); got != test.want {
			t.Errorf("%s matches %q: %v", test.entry, test.origin, got)
		}
		if fault := originFault(test.entry); fault != "" {
			t.Errorf("%s is refused: it %s", test.entry, fault)
		}
	}
}

func TestOriginThatNeverMatchesIsRefused(t *testing.T) {
	for entry, want := range map[string]string{
		"":                              "is no origin",
		"*":                             "is no origin",
		"null":                          "is no origin",
		"campus.example":                "is no origin",
		"//campus.example":              "is no origin",
		"https://":                      "is no origin",
		"https:///path":                 "more than a scheme",
		"https://campus.example/":       "more than a scheme",
		"https://campus.example/app":    "more than a scheme",
		"https://campus.example?a":      "more than a scheme",
		"https://campus.example#a":      "more than a scheme",
		"https://user@campus.example":   "more than a scheme",
		`https://campus.example\`:       "more than a scheme",
		"https://Campus.example":        "capital letters",
		"HTTPS://campus.example":        "capital letters",
		"wss://campus.example":          "write https://",
		"ws://campus.example":           "write https://",
		"file://campus.example":         "scheme that no page's origin has",
		"ftp://campus.example":          "scheme that no page's origin has",
		"https://campus.example:443":    "default port",
		"http://campus.example:80":      "default port",
		"http://[::1]:80":               "default port",
		"https://campus.example:":       "port from 0 to 65535",
		"https://campus.example:0443":   "port from 0 to 65535",
		"https://campus.example:65536":  "port from 0 to 65535",
		"https://campus.example:8443:1": "port from 0 to 65535",
		"https://campus.example:*":      "* outside the host",
		"*://campus.example":            "* outside the host",
		"#://campus.example":            "is no origin",
		"1://campus.example":            "is no origin",
		"http://[::1]3000":              "is no origin",
		"http*://campus.example":        "* outside the host",
		"https://*.*.campus.example":    "more than one *",
		"https://**.campus.example":     "more than one *",
		"https://*":                     "last label",
		"https://campus.*":              "last label",
		"https://campus.ex*":            "last label",
		"http://192.168.1.*":            "last label",
		"http://*:3000":                 "last label",
		"https://campus..example":       "empty label",
		"https://.campus.example":       "empty label",
		"https://bücher.example":        "xn--",
		"https://a b.example":           "",
		"https://a%2eb.example":         "",
		"https://a|b.example":           "",
		"http://127.1":                  "IPv4 address",
		"http://127.0.0.01":             "IPv4 address",
		"http://2130706433":             "IPv4 address",
		"http://0x7f.0.0.1":             "IPv4 address",
		"http://127.0.0.0x1":            "IPv4 address",
		"http://256.0.0.1":              "IPv4 address",
		"http://[::01]":                 "IPv6 address",
		"http://[0:0:0:0:0:0:0:1]":      "IPv6 address",
		"http://[::ffff:1.2.3.4]":       "IPv6 address",
		"http://[::*]":                  "",
		"http://[fe80::1%25eth0]":       "",
		"http://[::1":                   "is no origin",
		"http://[127.0.0.1]":            "",
		"https://" + strings.Repeat("a", 64) + ".example":  "too long",
		"https://" + strings.Repeat("a.", 126) + "example": "too long",
		"https://a.example,https://b.example":              "",
	} {
		if fault := originFault(entry); fault == "" || !strings.Contains(fault, want) {
			t.Errorf("%s: %q, want %q", entry, fault, want)
		}
	}
	for _, entry := range []string{
		"http://localhost", "http://localhost:3000", "https://campus.example:80", "http://campus.example:443", "http://127.0.0.1:5173", "http://[::1]:5173",
		"https://a_b.example", "https://campus.example.", "capacitor://localhost", "chrome-extension://abcdefghijklmnop", "https://xn--bcher-kva.example",
		"https://0xg.example", "https://1.example",
	} {
		if fault := originFault(entry); fault != "" || !MatchesOrigin(entry, entry) {
			t.Errorf("%s: %q", entry, fault)
		}
	}
}

// An entry that is accepted matches itself with any label for its *, and never a host with more labels or of another owner.
func FuzzOrigin(f *testing.F) {
	for _, seed := range []string{"https://*.campus.example", "https://app-*-team.vercel.app", "http://[::1]:3000", "http://10.0.*.1", "*", "a://b"} {
		f.Add(seed, "label")
		f.Add(seed, "evil.example")
		f.Add(seed, "evil.example/")
	}
	f.Fuzz(func(t *testing.T, entry, text string) {
		if originFault(entry) != "" {
			return
		}
		if !MatchesOrigin(entry, strings.Replace(entry, "*", "x", 1)) {
			t.Errorf("%q matches nothing", entry)
		}
		origin := strings.Replace(entry, "*", text, 1)
		if !MatchesOrigin(entry, origin) {
			return
		}
		page, err := url.Parse(origin)
		if err != nil || page.Path != "" || page.User != nil || page.RawQuery != "" || page.Fragment != "" {
			t.Fatalf("%q matches %q, which is no origin: %v", entry, origin, err)
		}
		if got, want := strings.Count(page.Host, "."), strings.Count(entry[strings.Index(entry, "://"):], "."); got != want {
			t.Errorf("%q matches %q, which has %d dots, not %d", entry, origin, got, want)
		}
	})
}
