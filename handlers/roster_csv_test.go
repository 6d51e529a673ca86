package handlers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/neuracampus/attendance/models"
)

// TestRosterFileInEveryDialectIsRead reads one roster in every way in which programs write it.
func TestRosterFileInEveryDialectIsRead(t *testing.T) {
	const two = "1: 007 Asha Rao, 2: b Zoë; “B” Müller"
	for _, test := range []struct{ dialect, file, want string }{
		{"commas", "007,Asha Rao\nb,Zoë; “B” Müller\n", two},
		{"the last line does not end", "007,Asha Rao\nb,Zoë; “B” Müller", two},
		{"semicolons, as Excel writes in Germany", "007;Asha Rao\r\nb;\"Zoë; “B” Müller\"\r\n", two},
		{"tabs", "007\tAsha Rao\nb\tZoë; “B” Müller\n", two},
		{"a byte order mark and lines as on Windows", "\ufeff007,Asha Rao\r\nb,Zoë; “B” Müller\r\n", two},
		{"lines as on the first Macs", "007,Asha Rao\rb,Zoë; “B” Müller\r", two},
		{"everything in quotes", "\"007\",\"Asha Rao\"\n\"b\",\"Zoë; “B” Müller\"\n", two},
		{"spaces around", " 007 , Asha Rao\u00a0\nb, Zoë; “B” Müller \n", two},

		{"a header", "ID,Name\n007,Asha Rao\n", "2: 007 Asha Rao"},
		{"a header in other words and order", "Section;Full Name;Roll No.\nA;Asha Rao;007\n", "2: 007 Asha Rao"},
		{"a header without a name", "Student ID\n007\n", "2: 007 "},
		{"a header with quotes and a byte order mark", "\ufeff\"id\";\"name\"\r\n\"007\";\"Asha Rao\"\r\n", "2: 007 Asha Rao"},
		{"an exported session", "\ufeffStudent ID,Name,Status,Recorded at (UTC),Recorded by\r\n007,Asha Rao,late,2026-01-01 09:00:00,asha\r\n", "2: 007 Asha Rao"},
		{"Excel's word on the separator", "sep=;\r\n007;Rao, Asha\r\n", "2: 007 Rao, Asha"},
		{"Excel's word, and a header", "\ufeffsep=,\r\nid,name\r\n007,Asha Rao\r\n", "3: 007 Asha Rao"},
		{"a bar, if Excel says so", "sep=|\n007|Asha Rao\n", "2: 007 Asha Rao"},

		{"bars without a header", "007|Asha Rao\nb|Bo\n", "1: 007 Asha Rao, 2: b Bo"},
		{"a table in Markdown", "| ID | Name |\n|---|:---|\n| 007 | Asha Rao |\n", "3: 007 Asha Rao"},
		{"a table on a terminal", "+-----+----------+\n| id  | name     |\n+-----+----------+\n| 007 | Asha Rao |\n+-----+----------+\n", "4: 007 Asha Rao"},
		{"Arabic commas", "007،Asha Rao\nb،Bo\n", "1: 007 Asha Rao, 2: b Bo"},
		{"Arabic semicolons", "007؛Asha Rao\n", "1: 007 Asha Rao"},
		{"Chinese commas", "学号，姓名\n007，李小龙\n", "2: 007 李小龙"},
		{"Chinese semicolons", "007；Asha Rao\n", "1: 007 Asha Rao"},
		{"a Chinese comma in a name", "007,李，小龙\n", "1: 007 李，小龙"},
		{"ids with a colon", "2024:CS1\n2024:CS2\n", "1: 2024:CS1 , 2: 2024:CS2 "},

		{"ids alone", "007\nb\n", "1: 007 , 2: b "},
		{"empty lines", "\n\n007,Asha Rao\n\n,,\n,\nb,Bo\n\n", "3: 007 Asha Rao, 7: b Bo"},
		{"a name in quotes with quotes and a comma", "007,\"Rao, \"\"Asha\"\"\"\n", `1: 007 Rao, "Asha"`},
		{"a comma in a name does not make it commas", "007;Rao, Asha\nb;Bo\n", "1: 007 Rao, Asha, 2: b Bo"},
		{"short lines below a header", "name,id,x\nAsha,007\n", "2: 007 Asha"},
		{"what an export made harmless", "'=1+1,'@home\n", "1: =1+1 @home"},
		{"an apostrophe that is part of a name", "007,'s Gravenhage\n", "1: 007 's Gravenhage"},
		{"other alphabets", "७,देवांशी शर्मा\n李,小龍\n", "1: ७ देवांशी शर्मा, 2: 李 小龍"},
	} {
		t.Run(test.dialect, func(t *testing.T) {
			if got := describeRoster([]byte(test.file), columnChoice{}); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestRosterFileMistakesAreReported(t *testing.T) {
	for _, test := range []struct{ mistake, file, want string }{
		{"an empty file", "", "There are no students in the file"},
		{"a header alone", "id,name\n", "There are no students in the file"},
		{"another encoding", "007,Zo\xeb\n", "The file is not in UTF-8; in Excel, save it as “CSV UTF-8”"},
		{"an odd separator", "sep=x\n1x2", "Columns must be separated by commas, semicolons, tabs or bars"},
		{"a separator that cannot be", "sep=\"\n1", "Columns must be separated by commas, semicolons, tabs or bars"},
		{"a colon between id and name", "7:Asha\n", "line 1: This looks like an id and a name in one cell; put a comma, a semicolon, a tab or a bar between them"},
		{"a caret between id and name", "7^Asha\n", "line 1: This looks like an id and a name in one cell; put a comma, a semicolon, a tab or a bar between them"},
		{"a tilde between id and name", "7~Asha\n", "line 1: This looks like an id and a name in one cell; put a comma, a semicolon, a tab or a bar between them"},
		{"no id", "007,Asha\n,Bo\n", "line 2: The id is missing"},
		{"no id below a header", "name,id\nBo,\n", "line 2: The id is missing"},
		{"a third column", "007,Asha,x\n", "line 1: There are 3 columns instead of 2; a header line that names id and name allows others beside them"},
		{"more columns than the header", "id,name\n1,2,3\n", "line 2: There are 3 columns instead of 2; a header line that names id and name allows others beside them"},
		{"a student twice", "007,Asha\nb,Bo\n007,Asha\n", "line 3: The id 007 is in line 1 already"},
		{"a student twice below Excel's word", "sep=,\n007,Asha\n007,Asha\n", "line 3: The id 007 is in line 2 already"},
		{"a long number after Excel", "2.02413E+11,Asha\n", "line 1: 2.02413E+11 is what Excel makes of a long number; format the column as text and type the id again"},
		{"a long number after a German Excel", "2,02413E+11;Asha\n", "line 1: 2,02413E+11 is what Excel makes of a long number; format the column as text and type the id again"},
		{"a long id", strings.Repeat("x", 65) + ",Asha\n", "line 1: " + models.ErrInvalidID.Error()},
		{"a long name", "007," + strings.Repeat("x", 201) + "\n", "line 1: " + models.ErrInvalidName.Error()},
		{"a name of two lines", "007,\"Asha\nRao\"\n", "line 1: " + models.ErrInvalidName.Error()},
		{"a quote too many", "007,As\"ha\nb,Bo\n,x\n", "line 1: There is a quote too many or too few; line 3: The id is missing"},
		{"a quote that does not end", "007,\"Asha\nb,Bo\n", "line 1: There is a quote too many or too few"},
	} {
		t.Run(test.mistake, func(t *testing.T) {
			if got := describeRoster([]byte(test.file), columnChoice{}); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestRosterFileMistakesAreBounded(t *testing.T) {
	err := readRosterCSV([]byte(strings.Repeat(",x\n", 1000)), columnChoice{}).err
	text, _ := json.Marshal(err)
	if err == nil || strings.Count(string(text), `"line"`) != maxLineErrors {
		t.Errorf("got %s", text)
	}
}

// describeRoster reads a file and writes what was read, or what was wrong, in one line.
func describeRoster(file []byte, choice columnChoice) string {
	read := readRosterCSV(file, choice)
	students, err := read.students, read.err
	var parts []string
	if mistakes, ok := err.(lineErrors); ok { //lint:ignore errorlint it is returned as it is
		for _, mistake := range mistakes {
			parts = append(parts, fmt.Sprintf("line %d: %s", mistake.Line, mistake.Message))
		}
		return strings.Join(parts, "; ")
	}
	if err != nil {
		return err.Error()
	}
	for _, student := range students {
		parts = append(parts, fmt.Sprintf("%d: %s %s", student.Line, student.ID, student.Name))
	}
	return strings.Join(parts, ", ")
}

func TestFileNameHasNoReservedCharacters(t *testing.T) {
	if got := fileName("attendance", `a/b\c:d*?"<>|e`, "", ""); got != "attendance-a_b_c_d______e" {
		t.Error(got)
	}
}

// FuzzRosterCSV reads anything, with any choice of columns. What it takes for students has good ids, each once, and comes
// back the same after it was exported.
func FuzzRosterCSV(f *testing.F) {
	for _, seed := range []string{
		"", "id,name\n1,A\n", "\ufeffsep=;\r\n1;\"A;B\"\r\n", "1\tA\r2\tB\r", "'=1,'@A\n", "1,\"A\n", "name,id\n,\n", "1,A\"B\n2,\"\"\"\"\n", "\"\"\n", "''=1,x\n",
		"Class\nID;First name;Last name\n1;A;B\nTotal: 1\n", "Foo|Bar\n1|A;=1\n", "\xff\xfei\x00d\x00\n\x007\x00", "Matrikelnummer;Name\n1;Zo\xeb\n", "=\"1\"\tA\n",
		"id,name\n\u200b1,\u202eA\n", "学号,姓,名\n1,李,小\n", "id,name\n1,\u2018a\u034f\n",
	} {
		f.Add([]byte(seed), "", "", -1)
		f.Add([]byte(seed), "2", "1", 0)
		f.Add([]byte(seed), "Bar", "Foo", 1)
	}
	f.Fuzz(func(t *testing.T, file []byte, id, name string, header int) {
		choice := columnChoice{id: id}
		if name != "" {
			choice.names = []string{name}
		}
		if header >= 0 {
			choice.header = &header
		}
		read := readRosterCSV(file, choice)
		if len(read.table.Rows) > headLines+shownRows {
			t.Fatalf("%d rows are shown", len(read.table.Rows))
		}
		if read.err != nil {
			if read.students != nil || read.err.Error() == "" {
				t.Fatalf("%v with %v", read.err, read.students)
			}
			return
		}
		seen := map[string]bool{}
		for _, student := range read.students {
			if err := (models.Student{ID: student.ID, Name: student.Name}).Check(); err != nil || seen[student.ID.Key] {
				t.Fatalf("%q: %v", student.ID.Key, err)
			}
			seen[student.ID.Key] = true
		}
		wantBack(t, read.students)
	})
}

// FuzzRosterExport exports two students with any ids and names that a roster can have, and imports them.
func FuzzRosterExport(f *testing.F) {
	for _, seed := range [][2]string{{"7", "Bo;=cmd|' /C calc'!A0"}, {"'=1", "'=x"}, {"Total", ""}, {"a|b;c,d", "\"x\""}, {"id", "name"}, {"=\"1\"", "=\"a\""}, {"#N", "”“"}} {
		f.Add(seed[0], seed[1], seed[1], seed[0])
	}
	f.Fuzz(func(t *testing.T, id, name, otherID, otherName string) {
		var students []importedStudent
		for _, student := range [][2]string{{id, name}, {otherID, otherName}} {
			key, err := models.TextID(student[0])
			visible := models.VisibleName(student[1])
			// A file has no place for spaces at the ends, and an import refuses what a spreadsheet may have destroyed.
			if err != nil || key.Key != strings.TrimSpace(key.Key) || damage(escapeFormula(key.Key)) != "" || escapeFormula(key.Key) != plainText(escapeFormula(key.Key)) ||
				visible != strings.TrimSpace(visible) || (models.Student{ID: key, Name: visible}).Check() != nil {
				return
			}
			students = append(students, importedStudent{ID: key, Name: visible})
		}
		if students[0].ID != students[1].ID {
			wantBack(t, students)
		}
	})
}

// wantBack exports students as a session's marks and imports the file.
func wantBack(t *testing.T, students []importedStudent) {
	t.Helper()
	rows := [][]string{sessionHeader}
	for _, student := range students {
		rows = append(rows, []string{student.ID.Key, student.Name, "late", "2026-01-01 09:00:00", "asha"})
	}
	file := exported(t, rows)
	again := readRosterCSV(file, columnChoice{})
	if again.err != nil || len(again.students) != len(students) {
		t.Fatalf("%q: after an export: %v", file, again.err)
	}
	for i := range students {
		if again.students[i].ID != students[i].ID || again.students[i].Name != students[i].Name {
			t.Fatalf("%q: %v became %v", file, students[i], again.students[i])
		}
	}
}
