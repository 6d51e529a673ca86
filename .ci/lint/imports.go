package main

import (
	"github.com/OpenPeeDeeP/depguard/v2"
	"golang.org/x/tools/go/analysis"
)

const module = "github.com/neuracampus/attendance"

// imports checks who imports whom: they point downwards (docs/architecture.md).
func imports() *analysis.Analyzer {
	analyzer, err := depguard.NewAnalyzer(&depguard.LinterSettings{
		"models": {
			ListMode: "lax", Files: []string{"**/models/**"},
			Deny: map[string]string{
				"github.com/gin-gonic":           "models know nothing of HTTP",
				"github.com/googollee/go-socket": "models know nothing of sockets",
				"github.com/redis":               "models know nothing of the other nodes",
				module + "/handlers":             "imports point downwards",
				module + "/server":               "what models need of a connection comes in through models.Options",
				module + "/public":               "models know nothing of the page",
			},
		},
		"handlers": {
			ListMode: "lax", Files: []string{"**/handlers/**", "!$test"},
			Deny: map[string]string{
				module + "/server": "handlers declare the small interfaces they need; server fills them",
				"gorm.io":          "only models speaks SQL",
				"database/sql":     "only models speaks SQL",
			},
		},
		"engineio": {
			ListMode: "lax", Files: []string{"**/server/engineio/**"},
			Deny: map[string]string{
				module + "/handlers":       "the transports know nothing of attendance",
				module + "/models":         "the transports know nothing of attendance",
				module + "/server/sockets": "imports point downwards",
				"github.com/gin-gonic":     "this package needs net/http alone",
				"gorm.io":                  "only models speaks SQL",
			},
		},
		"codec": {
			ListMode: "strict", Files: []string{"**/server/engineio/codec/**", "!$test"}, Allow: []string{"$gostd"},
			Deny: map[string]string{
				"net":      "codecs are functions over bytes",
				"sync":     "codecs have no lock",
				"log/slog": "codecs return errors",
			},
		},
		"iouring": {ListMode: "strict", Files: []string{"**/server/iouring/**"}, Allow: []string{"$gostd"}},
		"sockets": {
			ListMode: "lax", Files: []string{"**/server/sockets/**", "!$test"},
			Deny: map[string]string{
				module + "/handlers":   "rooms and events know nothing of attendance",
				module + "/models":     "rooms and events know nothing of attendance",
				"github.com/gin-gonic": "this is an http.Handler",
				"gorm.io":              "only models speaks SQL",
			},
		},
		"cluster": {
			ListMode: "lax", Files: []string{"**/server/cluster/**"},
			Deny: map[string]string{
				module + "/handlers":        "streams, numbers and bytes are all that this package knows",
				module + "/models":          "the log comes in as an interface",
				module + "/server/sockets":  "who is in a room is not for this package to know",
				module + "/server/engineio": "this package knows nothing of connections",
				"github.com/gin-gonic":      "this package serves no HTTP",
				"gorm.io":                   "only models speaks SQL",
			},
		},
		"emitter": {
			ListMode: "strict", Files: []string{"**/server/emitter/**", "!$test"},
			Allow: []string{"$gostd", "github.com/tinylib/msgp/msgp", module + "/server/engineio/codec"},
			Deny:  map[string]string{"net": "parsers are functions over bytes", "log/slog": "parsers return errors"},
		},
		"metrics": {
			ListMode: "strict", Files: []string{"**/server/metrics/**", "!$test"},
			Allow: []string{"$gostd", "github.com/prometheus/client_golang"},
		},
		"prometheus": {
			ListMode: "lax", Files: []string{"$all", "!**/server/metrics/**", "!$test"},
			Deny: map[string]string{"github.com/prometheus": "count in numbers of your own; server/app shows them with server/metrics"},
		},
		"public": {ListMode: "strict", Files: []string{"**/public/*.go"}, Allow: []string{"$gostd"}},
		"everywhere": {
			ListMode: "lax",
			Deny: map[string]string{
				"io/ioutil":                   "use io and os",
				"log$":                        "use log/slog",
				"math/rand$":                  "use math/rand/v2, or crypto/rand for secrets",
				"github.com/gin-contrib/cors": "origins are decided in one place for polling and WebSocket",
			},
		},
	})
	if err != nil {
		panic(err) // the rules above are wrong
	}
	return analyzer
}
