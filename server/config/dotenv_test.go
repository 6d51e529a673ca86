package config

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// loadDotenv writes content to a file and loads it.
func loadDotenv(t *testing.T, content string, environ ...string) (Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return Load(environ, file)
}

// utf16Text is what PowerShell's > writes.
func utf16Text(order binary.AppendByteOrder, text string) string {
	out := order.AppendUint16(nil, 0xFEFF)
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return string(out)
}

func TestDotenvValuesAreTakenAsWritten(t *testing.T) {
	const rest = "rabcdefghijklmnopqrstuvwxyz0123456789" // makes every secret long enough
	for name, tt := range map[string]struct{ content, want string }{
		"dollar and digit":         {"JWT_SECRET=q8$9" + rest, "q8$9" + rest},
		"dollar and name":          {"DATA_DIR=no\nJWT_SECRET=a$DATA_DIR" + rest, "a$DATA_DIR" + rest},
		"name in braces":           {"DATA_DIR=no\nJWT_SECRET=a${DATA_DIR}" + rest, "a${DATA_DIR}" + rest},
		"two dollars":              {"JWT_SECRET=$$" + rest, "$$" + rest},
		"command":                  {"JWT_SECRET=$(id)" + rest, "$(id)" + rest},
		"dollar in double quotes":  {`JWT_SECRET="$XYZ` + rest + `"`, "$XYZ" + rest},
		"dollar in single quotes":  {`JWT_SECRET='$XYZ` + rest + `'`, "$XYZ" + rest},
		"backslashes":              {`JWT_SECRET=a\n\$\\` + rest, `a\n\$\\` + rest},
		"backslash, single quotes": {`JWT_SECRET='a\n\b` + rest + `'`, `a\n\b` + rest},
		"backslash in quotes":      {`JWT_SECRET="a\d\"\\\$` + rest + `"`, `a\d"\$` + rest},
		"line break in quotes":     {`JWT_SECRET="a\nb` + rest + `"`, "a\nb" + rest},
		"two lines in quotes":      {"JWT_SECRET=\"a \nb" + rest + "\"\nPORT=1", "a \nb" + rest},
		"two lines, single quotes": {"JWT_SECRET='a\r\nb" + rest + "'\r\nPORT=1", "a\nb" + rest},
		"other quote inside":       {`JWT_SECRET='a"b` + rest + `'`, `a"b` + rest},
		"quote inside":             {`JWT_SECRET=a"b'c` + rest, `a"b'c` + rest},
		"quotes at both ends":      {`JWT_SECRET="'a` + rest + `'"`, "'a" + rest + "'"},
		"hash":                     {"JWT_SECRET=a#b" + rest, "a#b" + rest},
		"hash first":               {"JWT_SECRET=#a" + rest, "#a" + rest},
		"hash in quotes":           {`JWT_SECRET="a # b` + rest + `"`, "a # b" + rest},
		"comment":                  {"JWT_SECRET=a" + rest + " # b", "a" + rest},
		"comment after a tab":      {"JWT_SECRET=a" + rest + "\t#b", "a" + rest},
		"comment with an equals":   {"# JWT_SECRET=no\n  # PORT=no\nJWT_SECRET=a" + rest, "a" + rest},
		"comment after quotes":     {`JWT_SECRET="a` + rest + `" # "b"`, "a" + rest},
		"equals signs":             {"JWT_SECRET==a=b" + rest + "==", "=a=b" + rest + "=="},
		"spaces around":            {"  JWT_SECRET \t=  a" + rest + "  ", "a" + rest},
		"spaces inside":            {"JWT_SECRET=a  b" + rest, "a  b" + rest},
		"export":                   {"export JWT_SECRET=a" + rest, "a" + rest},
		"export and a tab":         {"export\tJWT_SECRET = a" + rest, "a" + rest},
		"CRLF":                     {"PORT=1\r\nJWT_SECRET=a" + rest + "\r\n", "a" + rest},
		"CR":                       {"PORT=1\rJWT_SECRET=a" + rest + "\r", "a" + rest},
		"no line break at the end": {"JWT_SECRET=a" + rest, "a" + rest},
		"empty lines":              {"\n\n \t\nJWT_SECRET=a" + rest + "\n\n", "a" + rest},
		"byte order mark":          {"\uFEFFJWT_SECRET=a" + rest, "a" + rest},
		"mark before a comment":    {"\uFEFF# x\nJWT_SECRET=a" + rest, "a" + rest},
		"UTF-16, little endian":    {utf16Text(binary.LittleEndian, "JWT_SECRET=a€"+rest+"\r\n"), "a€" + rest},
		"UTF-16, big endian":       {utf16Text(binary.BigEndian, "JWT_SECRET=a€"+rest+"\r\n"), "a€" + rest},
		"letters of other scripts": {"JWT_SECRET=пароль" + rest, "пароль" + rest},
	} {
		c, err := loadDotenv(t, tt.content)
		if err != nil || string(c.JWTSecret) != tt.want {
			t.Errorf("%s: %q, %v; want %q", name, string(c.JWTSecret), err, tt.want)
		}
	}
}

func TestDotenvMistakesNameLineAndSetting(t *testing.T) {
	for name, tt := range map[string]struct{ content, want string }{
		"open double quote":     {"PORT=1\nJWT_SECRET=\"hunter2\nDEMO=true\n", "line 2: the value of JWT_SECRET begins with \" and no other \" ends it"},
		"open single quote":     {"JWT_SECRET='hunter2", "line 1: the value of JWT_SECRET begins with ' and no other ' ends it"},
		"only a quote":          {`JWT_SECRET="`, "line 1: the value of JWT_SECRET begins with"},
		"text after the quote":  {`DATABASE_DSN="root"hunter2@/x`, "line 1: the value of DATABASE_DSN is followed by more text"},
		"hash at the quote":     {`JWT_SECRET="hunter2"#more`, "line 1: the value of JWT_SECRET is followed by more text"},
		"quote meets quote":     {"JWT_SECRET=\"hunter2\nDATABASE_DSN=\"hunter2\"", "line 1: the value of JWT_SECRET is followed by more text"},
		"no equals sign":        {"JWT_SECRET hunter2", "line 1 must have the form NAME=value"},
		"a colon":               {"\n\nJWT_SECRET: hunter2", "line 3 must have the form NAME=value"},
		"no name":               {"=hunter2", "line 1 must have the form NAME=value"},
		"a name with a hyphen":  {"JWT-SECRET=hunter2", "line 1 must have the form NAME=value"},
		"a secret on two lines": {"JWT_SECRET=abc\nhunter2+/", "line 2 must have the form NAME=value"},
		"twice":                 {"JWT_SECRET=hunter2\nPORT=1\nexport JWT_SECRET=hunter2", "line 3 sets JWT_SECRET, which line 1 has set already"},
		"Latin-1":               {"JWT_SECRET=hunter2\xE9", "line 1: the value of JWT_SECRET is not UTF-8"},
		"UTF-16 without mark":   {"J\x00W\x00T\x00_\x00", "it is not a text in UTF-8"},
		"far too long":          {strings.Repeat("# hunter2\n", 200_000), "more than 1048576 bytes"},
	} {
		_, err := loadDotenv(t, tt.content)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v; want %s", name, err, tt.want)
		}
	}
}

func TestDotenvDirectoryIsRefused(t *testing.T) {
	directory := t.TempDir()
	if _, err := Load(nil, directory); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("a directory: %v", err)
	}
}

func FuzzDotenv(f *testing.F) {
	for _, seed := range []string{"A=b", "export A='b' # c", "A=\"b\\n\nc\"", "\uFEFFA=b\r\n", "A", "=", "A=\"", "\xFF\xFEA\x00=\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		values, err := parseDotenv(content)
		if err != nil {
			return
		}
		size := 0
		for name, value := range values {
			size += len(name) + len(value)
			if !settingName.MatchString(name) {
				t.Errorf("the name %q", name)
			}
		}
		// Three bytes of UTF-8 at most come from two of UTF-16.
		if size > 2*len(content) {
			t.Errorf("%d bytes came from %d", size, len(content))
		}
	})
}

func FuzzDotenvKeepsQuotedValues(f *testing.F) {
	f.Add("q8$9 # \"'\\\n")
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ContainsAny(value, "\r\x00") || strings.ToValidUTF8(value, "") != value {
			return
		}
		quoted := `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
		values, err := parseDotenv([]byte("A=" + quoted + "\nB=c"))
		if err != nil || values["A"] != value || values["B"] != "c" {
			t.Errorf("%q: %q, %v", value, values, err)
		}
	})
}
