package handlers

import (
	"encoding/csv"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestExportEscapesFormulas has one line for each way in which a spreadsheet comes to a formula.
func TestExportEscapesFormulas(t *testing.T) {
	for cell, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t'=1", "\r=1": "'\r'=1", "\n=1": "'\n'=1",
		"＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠x": "'＠x",
		" =1": "' =1", "\u00a0=1": "'\u00a0=1", "\"=1\"": "'\"=1\"",
		"Bo;=cmd|' /C calc'!A0": "Bo;'=cmd|' /C calc'!A0", "Bo,=1": "Bo,'=1", "Bo\t=1": "Bo\t'=1", "Bo|=1": "Bo|'=1",
		"Bo\r=1": "Bo\r'=1", "Bo\n=1": "Bo\n'=1", "Bo;+1": "Bo;'+1", "Bo;-1": "Bo;'-1", "Bo;@x": "Bo;'@x", "Bo;＝1": "Bo;'＝1",
		"Bo; =1": "Bo;' =1", "Bo;\"=1": "Bo;'\"=1", "Bo;;=1": "Bo;;'=1", "Bo;\t=1": "Bo;'\t'=1", "=1;=2": "'=1;'=2",
		"'=1": "''=1", "Bo;'=1": "Bo;''=1", // an apostrophe of its own
		"": "", "a=1": "a=1", "李": "李", "7": "7", "Bo; Ho": "Bo; Ho", "'s Gravenhage": "'s Gravenhage", "a-b;c": "a-b;c",
	} {
		if got := escapeFormula(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
	file := exported(t, [][]string{{"id", "name"}, {"=cmd|' /C calc'!A0", "Rao, \"Asha\"; 李"}})
	if got, want := string(file), "\ufeffid,name\r\n'=cmd|' /C calc'!A0,\"Rao, \"\"Asha\"\"; 李\"\r\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// FuzzFormulaEscape splits an escaped cell as every spreadsheet may, with and without regard to quotes, and unescapes it.
func FuzzFormulaEscape(f *testing.F) {
	for _, seed := range []string{"Bo;=cmd|' /C calc'!A0", "'=1", "''= ;'=", "\"\";\"=1", "a\t\r\n=", "Bo; ＝1", ",\",=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		if !utf8.ValidString(cell) {
			return // no name and no id
		}
		if got := unescapeFormula(escapeFormula(cell)); got != cell {
			t.Fatalf("%q came back as %q", cell, got)
		}
		file := string(exported(t, [][]string{{"7", cell, "late"}}))
		for _, separator := range cellEnds {
			for _, line := range strings.Split(strings.TrimPrefix(file, byteOrderMark), "\n") {
				for _, part := range strings.Split(line, string(separator)) {
					wantNoFormula(t, file, part)
				}
			}
			if strings.ContainsRune("\r\n", separator) {
				continue
			}
			reader := csv.NewReader(strings.NewReader(file))
			reader.Comma, reader.LazyQuotes, reader.FieldsPerRecord = separator, true, -1
			records, _ := reader.ReadAll() // what it refuses is split above
			for _, record := range records {
				for _, part := range record {
					wantNoFormula(t, file, part)
				}
			}
		}
	})
}

func wantNoFormula(t *testing.T, file, cell string) {
	t.Helper()
	first, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, " \""))
	if strings.ContainsRune("=+-@\uff1d\uff0b\uff0d\uff20", first) {
		t.Fatalf("%q begins with a formula in %q", cell, file)
	}
}
