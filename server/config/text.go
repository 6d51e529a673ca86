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

// nearest returns the one of names, all in upper case, that begins with name, or otherwise has the least distance to it.
func nearest(name string, names []string) string {
	name = strings.ToUpper(name)
	best, fewest := "", 0
	for _, candidate := range names {
		if strings.HasPrefix(candidate, name) {
			return candidate
		}
		if changes := distance(name, candidate); best == "" || changes < fewest {
			best, fewest = candidate, changes
		}
	}
	return best
}

// distance is the number of letters to insert, remove or replace to turn a into b (Levenshtein).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
