package handlers

// Limits on what a client puts into one JSON value. Without them a megabyte of small members would take many times its size in memory
// and a thousand times as long to decode as an event of the usual size.
const (
	maxKeys      = 100 // of an object
	maxArguments = 100 // of an event
	maxTones     = 1000
)

// hasMore reports whether a valid JSON object or array has more members than limit. It does not look inside the members.
func hasMore(raw []byte, limit int) bool {
	if len(raw) < 2*limit { // a member has a character and a comma at the least
		return false
	}
	depth, commas, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			depth--
		case c == ',' && depth == 1:
			if commas++; commas >= limit {
				return true
			}
		}
	}
	return false
}
