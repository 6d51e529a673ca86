package config

import (
	"strings"
	"unicode"
)

// trimmed removes white space at both ends of a setting: a secret that echo has written ends with a line break, and text copied
// from a page may begin with an invisible character.
func trimmed(value string) string {
	return strings.TrimFunc(value, func(r rune) bool {
		return unicode.IsSpace(r) || r == '\uFEFF' || r == '\u200B'
	})
}

// isQuoted reports whether a value is in quotes, which docker run --env-file and Kubernetes do not remove.
func isQuoted(value string) bool {
	return len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[0] == value[len(value)-1]
}
