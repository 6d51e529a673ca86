package main

import (
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// reporting returns the analyzer with a filter in front of its findings.
func reporting(a *analysis.Analyzer, keep func(*analysis.Pass, token.Position) bool) *analysis.Analyzer {
	filtered := *a
	filtered.Run = func(pass *analysis.Pass) (any, error) {
		inner, report := *pass, pass.Report
		inner.Report = func(d analysis.Diagnostic) {
			if keep(pass, pass.Fset.Position(d.Pos)) {
				report(d)
			}
		}
		return a.Run(&inner)
	}
	return &filtered
}

// outsideTests leaves test files and their helpers alone: they may drop errors of what they only clean up.
func outsideTests(a *analysis.Analyzer) *analysis.Analyzer {
	return reporting(a, func(_ *analysis.Pass, at token.Position) bool {
		return !strings.HasSuffix(at.Filename, "_test.go") && !strings.Contains(at.Filename, "test/")
	})
}

// excusable leaves out findings whose line, or the one above it, says //lint:ignore with the analyzer's name and a reason.
func excusable(a *analysis.Analyzer) *analysis.Analyzer {
	return reporting(a, func(pass *analysis.Pass, at token.Position) bool {
		for _, file := range pass.Files {
			if pass.Fset.Position(file.FileStart).Filename != at.Filename {
				continue
			}
			for _, group := range file.Comments {
				for _, comment := range group.List {
					line := pass.Fset.Position(comment.Pos()).Line
					fields := strings.Fields(comment.Text)
					if (line == at.Line || line == at.Line-1) && len(fields) > 2 && fields[0] == "//lint:ignore" && fields[1] == a.Name {
						return false
					}
				}
			}
		}
		return true
	})
}
