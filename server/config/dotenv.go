package config

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxFile bounds the files that settings are read from. A key and all settings together take a few kilobytes.
const maxFile = 1 << 20

// readDotenv returns the settings of a .env file, none when there is no such file. The head of .env.example has the
// rules. Its errors name the line and the setting, and never a value: it may be a secret.
func readDotenv(path string) (map[string]string, error) {
	content, err := readLimited(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err == nil {
		var values map[string]string
		if values, err = parseDotenv(content); err == nil {
			return values, nil
		}
	}
	return nil, fmt.Errorf("%s cannot be read: %w", path, err)
}

// readLimited reads a small file. Its errors do not name the path, because a secret may have been set in its place.
func readLimited(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, withoutPath(err)
	}
	if len(content) > maxFile {
		return nil, fmt.Errorf("it has more than %d bytes", maxFile)
	}
	return content, nil
}

func withoutPath(err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		return failed.Err
	}
	return err
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// parseDotenv reads the content of a .env file.
func parseDotenv(content []byte) (map[string]string, error) {
	text, err := dotenvText(content)
	if err != nil {
		return nil, err
	}
	p := dotenvParser{rest: text}
	values, lineOf := map[string]string{}, map[string]int{}
	for p.rest != "" {
		line := p.nextLine()
		if start := trimmed(line); start == "" || start[0] == '#' {
			continue
		}
		at := p.line
		name, value, err := p.setting(line)
		if err != nil {
			return nil, err
		}
		if first := lineOf[name]; first != 0 {
			return nil, fmt.Errorf("line %d sets %s, which line %d has set already: remove one of them", at, name, first)
		}
		lineOf[name], values[name] = at, value
	}
	return values, nil
}

// dotenvText decodes what editors on Windows write: a byte order mark, UTF-16 (PowerShell), and CRLF.
func dotenvText(content []byte) (string, error) {
	switch {
	case bytes.HasPrefix(content, []byte{0xEF, 0xBB, 0xBF}):
		content = content[3:]
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE}):
		content = fromUTF16(content[2:], binary.LittleEndian)
	case bytes.HasPrefix(content, []byte{0xFE, 0xFF}):
		content = fromUTF16(content[2:], binary.BigEndian)
	}
	if bytes.IndexByte(content, 0) >= 0 {
		return "", errors.New("it is not a text in UTF-8: save it as UTF-8")
	}
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(content)), nil
}

func fromUTF16(content []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(content)/2)
	for i := range units {
		units[i] = order.Uint16(content[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// dotenvParser reads a .env file line by line.
type dotenvParser struct {
	rest string
	line int // the number of the last line that was read
}

func (p *dotenvParser) nextLine() (line string) {
	line, p.rest, _ = strings.Cut(p.rest, "\n")
	p.line++
	return line
}

// setting reads NAME=value from line, and from further lines if the closing quote of the value is there.
func (p *dotenvParser) setting(line string) (name, value string, err error) {
	at := p.line
	name, value, found := strings.Cut(line, "=")
	name = trimmed(name)
	if rest, exported := strings.CutPrefix(name, "export"); exported && rest != trimmed(rest) {
		name = trimmed(rest)
	}
	if !found || !settingName.MatchString(name) {
		return "", "", fmt.Errorf("line %d must have the form NAME=value", at)
	}
	if start := trimmed(value); start != "" && (start[0] == '"' || start[0] == '\'') {
		value, err = p.quoted(value[strings.IndexByte(value, start[0]):])
	} else {
		value = withoutComment(value)
	}
	if err == nil && !utf8.ValidString(value) {
		err = errors.New("is not UTF-8: save the file as UTF-8")
	}
	if err != nil {
		return "", "", fmt.Errorf("line %d: the value of %s %w", at, name, err)
	}
	return name, value, nil
}

// withoutComment removes the comment, which begins with a # after a space, and the spaces around the value.
func withoutComment(value string) string {
	for i := 1; i < len(value); i++ {
		if value[i] == '#' && (value[i-1] == ' ' || value[i-1] == '\t') {
			return trimmed(value[:i])
		}
	}
	return trimmed(value)
}

// escapes are the only ones in double quotes. Every other backslash is one.
var escapes = map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', '"': '"', '\\': '\\', '$': '$'}

// quoted reads a value that begins with a quote.
func (p *dotenvParser) quoted(text string) (string, error) {
	quote := text[0]
	text = text[1:]
	var value strings.Builder
	for {
		for i := 0; i < len(text); i++ {
			switch c := text[i]; {
			case c == quote:
				if after := text[i+1:]; withoutComment(after) != "" {
					return "", fmt.Errorf("is followed by more text after its closing %c: write a value that has such a quote in it between quotes of the other kind", quote)
				}
				return value.String(), nil
			case c == '\\' && quote == '"' && i+1 < len(text) && escapes[text[i+1]] != 0:
				i++
				value.WriteByte(escapes[text[i]])
			default:
				value.WriteByte(c)
			}
		}
		if p.rest == "" {
			return "", fmt.Errorf("begins with %c and no other %c ends it: close it, or put the value between quotes of the other kind", quote, quote)
		}
		value.WriteByte('\n')
		text = p.nextLine()
	}
}
