package config

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// settingNames are the names of all settings.
var settingNames = func() (names []string) {
	for field := range reflect.TypeFor[Config]().Fields() {
		if name := field.Tag.Get("env"); name != "" {
			names = append(names, name)
		}
	}
	return names
}()

func isSetting(name string) bool { return slices.Contains(settingNames, name) }

const (
	// maxSlips is how many slips of the keyboard a misspelt name may have.
	maxSlips = 2
	// minNameLength is the length of the shortest names that a variable of the environment may be a misspelling of. Other programs
	// have variables that look like the shorter ones, such as PORTS.
	minNameLength = 6
)

// namesOfOthers are well-known variables of other programs whose names are like those of settings.
var namesOfOthers = []string{"DATADIR", "HTTPS_PORT", "LOGLEVEL", "REDIS_URI"}

// checkFileNames adds every name of a .env file that is no setting. The file is for this server only.
func checkFileNames(m *mistakes, values map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch meant := misspelt(name, settingNames); {
		case trimmed(values[name]) == "" || isSetting(name):
		case meant != "":
			m.addMisspelt(name, meant)
		default:
			m.add(name, "is no setting of this server; .env.example lists the settings, please remove all others from the file")
		}
	}
}

// checkVariableName adds the name of a variable of the environment if it is a misspelling of a setting. With a misspelt JWT_SECRET, the
// server would start in open mode; with a misspelt DATABASE_DSN, on an empty database.
func checkVariableName(m *mistakes, name string) {
	if isSetting(name) || slices.Contains(namesOfOthers, name) {
		return
	}
	long := slices.DeleteFunc(slices.Clone(settingNames), func(s string) bool { return len(s) < minNameLength })
	if meant := misspelt(name, long); meant != "" {
		m.addMisspelt(name, meant)
	}
}

func (m *mistakes) addMisspelt(name, meant string) {
	m.add(name, "is no setting of this server; did you mean %s?", meant)
}

// misspelt returns which of names a name is a misspelling of, "" if it is none. All names that begin with JWT are taken as
// misspellings, and names such as DATABASE_DSN_FILE, which images of other servers read a setting's value from.
func misspelt(name string, names []string) string {
	upper := strings.ToUpper(name)
	if strings.HasPrefix(upper, "JWT") {
		return nearest(upper, slices.DeleteFunc(slices.Clone(names), func(s string) bool { return !strings.HasPrefix(s, "JWT_") }))
	}
	if setting, ok := strings.CutSuffix(upper, "_FILE"); ok && slices.Contains(names, setting) {
		return setting
	}
	meant := nearest(upper, names)
	if distance(upper, meant) > maxSlips {
		return ""
	}
	return meant
}

// nearest returns the one of names that begins with name, or otherwise has the least distance to it.
func nearest(name string, names []string) string {
	for _, candidate := range names {
		if strings.HasPrefix(candidate, name) {
			return candidate
		}
	}
	return slices.MinFunc(names, func(a, b string) int { return distance(name, a) - distance(name, b) })
}

// distance is the number of letters to insert, remove, replace or swap with their neighbours to turn a into b (optimal string alignment).
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			replaced := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				replaced++
			}
			rows[i][j] = min(replaced, rows[i-1][j]+1, rows[i][j-1]+1)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
