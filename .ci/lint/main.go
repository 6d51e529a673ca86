// Command lint is the vet tool of this project: `go vet -vettool=bin/lint ./...`. It checks who imports whom and finds
// mistakes; what is only taste is left to gofumpt and to review. It takes a tenth of the time to build of a collection
// of all linters.
//
// A finding is excused by a comment on its line or the line above: //lint:ignore ANALYZER REASON.
package main

import (
	"github.com/charithe/durationcheck"
	"github.com/gordonklaus/ineffassign/pkg/ineffassign"
	"github.com/gostaticanalysis/nilerr"
	"github.com/jingyugao/rowserrcheck/passes/rowserr"
	"github.com/kisielk/errcheck/errcheck"
	"github.com/ldez/usetesting"
	"github.com/polyfloyd/go-errorlint/errorlint"
	sqlclosecheck "github.com/ryanrolds/sqlclosecheck/pkg/analyzer"
	"github.com/sanposhiho/wastedassign/v2"
	"github.com/sonatard/noctx"
	"github.com/timakin/bodyclose/passes/bodyclose"
	"go-simpler.org/sloglint"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/nilness"
	"golang.org/x/tools/go/analysis/passes/reflectvaluecompare"
	"golang.org/x/tools/go/analysis/passes/sortslice"
	"golang.org/x/tools/go/analysis/passes/unusedwrite"
	"golang.org/x/tools/go/analysis/suite/vet"
	"golang.org/x/tools/go/analysis/unitchecker"
	"honnef.co/go/tools/analysis/lint"
	"honnef.co/go/tools/simple"
	"honnef.co/go/tools/staticcheck"
	"honnef.co/go/tools/stylecheck"
)

func main() {
	analyzers := []*analysis.Analyzer{
		imports(),
		errorlint.NewAnalyzer(), // errors are compared with errors.Is and errors.As, and wrapped with %w
		nilerr.Analyzer,         // an error that is checked and then forgotten
		bodyclose.Analyzer,      // a response body that is never closed keeps its connection
		rowserr.NewAnalyzer(),
		sqlclosecheck.NewAnalyzer(),
		durationcheck.Analyzer, // duration times duration
		ineffassign.Analyzer,
		wastedassign.Analyzer,
		usetesting.NewAnalyzer(), // t.Context and t.TempDir instead of context.Background and os.MkdirTemp
		outsideTests(errcheck.Analyzer),
		outsideTests(noctx.Analyzer), // every request and query has a context
		// No token, password or secret in a log line, not even in a test's.
		outsideTests(sloglint.New(&sloglint.Options{
			StaticMessage: true, MessageStyle: "lowercased", ForbiddenKeys: []string{"token", "password", "secret", "sid"},
		})),
		nilness.Analyzer, reflectvaluecompare.Analyzer, sortslice.Analyzer, unusedwrite.Analyzer,
	}
	analyzers = append(analyzers, vet.Suite...)
	for _, group := range [][]*lint.Analyzer{staticcheck.Analyzers, simple.Analyzers, stylecheck.Analyzers} {
		for _, check := range group {
			// The initialisms of the library's own identifiers are not ours to change, and package comments are revive's.
			if name := check.Analyzer.Name; name != "ST1000" && name != "ST1003" && !check.Doc.NonDefault {
				analyzers = append(analyzers, check.Analyzer)
			}
		}
	}
	for i, a := range analyzers {
		analyzers[i] = excusable(a)
	}
	unitchecker.Main(analyzers...)
}
