package handlers

import (
	"fmt"
	"strings"
	"testing"
)

// TestRosterHeaderColumnsAreFound: one line for each file that people have, with the students or the sentence that it must come to.
func TestRosterHeaderColumnsAreFound(t *testing.T) {
	const eleven = "2: 11 Mira Solberg"
	unknown := func(has string) string {
		return has + "; it looks like a header, but no column is known as the id. Name the columns id and name, or say which they are (idColumn, nameColumn); if the line is a student, say headerLine=0"
	}
	for _, test := range []struct{ file, want string }{
		{"Student,Roll No\nMira Solberg,11\n", eleven},
		{"ID number,Full name\n11,Mira Solberg\n", eleven},
		{"Matrikelnummer;Name\n11;Mira Solberg\n", eleven},
		{"学号,姓名\n11,Mira Solberg\n", eleven},
		{"學號,姓名\n11,Mira Solberg\n", eleven},
		{"Identifiant;Nom\n11;Mira Solberg\n", eleven},
		{"Admission No,Student Name\n11,Mira Solberg\n", eleven},
		{"First name,Last name,ID\nMira,Solberg,11\n", eleven},
		{"First name,Last name,ID number,Email address\nMira,Solberg,11,m@x.no\n", eleven},                         // Moodle
		{"Student,ID,SIS User ID,SIS Login ID,Section\nMira Solberg,900,11,mira,A\n", eleven},                      // Canvas
		{"Last Name,First Name,Email Address\nSolberg,Mira,m@x.no\n", "2: m@x.no Mira Solberg"},                    // Google Classroom
		{"sourcedId,status,enabledUser,givenName,familyName,username\n11,active,true,Mira,Solberg,mira\n", eleven}, // OneRoster
		{"Nachname;Vorname;Matrikelnummer\nSolberg;Mira;11\n", eleven},
		{"Name;Vorname;Matr.-Nr.\nSolberg;Mira;11\n", eleven},
		{"Nom;Prénom;N° étudiant\nSolberg;Mira;11\n", eleven},
		{"NOM;PRENOM;NUMERO ETUDIANT\nSolberg;Mira;11\n", eleven},
		{"Matrícula,Nombre,Apellidos\n11,Mira,Solberg\n", eleven},
		{"Matrícula;Nome completo\n11;Mira Solberg\n", eleven},
		{"Matricola;Cognome;Nome\n11;Solberg;Mira\n", eleven},
		{"Studentnummer;Voornaam;Achternaam\n11;Mira;Solberg\n", eleven},
		{"Studentnummer;Navn\n11;Mira Solberg\n", eleven},
		{"Opiskelijanumero;Nimi\n11;Mira Solberg\n", eleven},
		{"Numer albumu;Imię;Nazwisko\n11;Mira;Solberg\n", eleven},
		{"Osobní číslo;Jméno;Příjmení\n11;Mira;Solberg\n", eleven},
		{"Neptun kód;Név\n11;Mira Solberg\n", eleven},
		{"Număr matricol;Nume și prenume\n11;Mira Solberg\n", eleven},
		{"JMBAG;Ime;Prezime\n11;Mira;Solberg\n", eleven},
		{"Öğrenci No;Adı Soyadı\n11;Mira Solberg\n", eleven},
		{"ÖĞRENCİ NO;AD;SOYAD\n11;Mira;Solberg\n", eleven},
		{"Matriklinumber;Eesnimi;Perekonnanimi\n11;Mira;Solberg\n", eleven},
		{"№ зачётной книжки;Фамилия;Имя\n11;Solberg;Mira\n", eleven},
		{"Факултетен номер;Име и фамилия\n11;Mira Solberg\n", eleven},
		{"Αριθμός Μητρώου;Ονοματεπώνυμο\n11;Mira Solberg\n", eleven},
		{"תעודת זהות,שם מלא\n11,Mira Solberg\n", eleven},
		{"الرقم الجامعي,اسم الطالب\n11,Mira Solberg\n", eleven},
		{"شماره دانشجویی,نام,نام خانوادگی\n11,Mira,Solberg\n", eleven},
		{"रोल नंबर,नाम\n11,Mira Solberg\n", eleven},
		{"রোল নম্বর,নাম\n11,Mira Solberg\n", eleven},
		{"பதிவு எண்,பெயர்\n11,Mira Solberg\n", eleven},
		{"学籍番号,氏名\n11,Mira Solberg\n", eleven},
		{"학번,이름\n11,Mira Solberg\n", eleven},
		{"MSSV,Họ và tên\n11,Mira Solberg\n", eleven},
		{"รหัสนักศึกษา,ชื่อ-นามสกุล\n11,Mira Solberg\n", eleven},
		{"NIM,Nama\n11,Mira Solberg\n", eleven},
		{"学号,姓,名\n11,李,小龍\n", "2: 11 李小龍"},
		{"Neptun kód;Keresztnév;Vezetéknév\n11;Mira;Solberg\n", "2: 11 Solberg Mira"},
		{"id|name\n7|Asha\n", "2: 7 Asha"},
		{"7|Asha\n8|Bo\n", "1: 7 Asha, 2: 8 Bo"},
		{"id|name\n7|Rao, Asha\n8|Li; Bo\n", "2: 7 Rao, Asha, 3: 8 Li; Bo"},
		{"7|Rao, Asha\n8|Li, Bo\n", "1: 7 Rao, Asha, 2: 8 Li, Bo"},
		{"ID,Name,1,2,3\n11,Mira Solberg,x,,x\n", eleven}, // weeks

		{"Class list\nID,Name\n11,Mira Solberg\n", "3: 11 Mira Solberg"},
		{"Physics 1, autumn\n\nTeacher:,Dr. Rao\nID,Name,Group\n11,Mira Solberg,A\nTotal: 1\n", "5: 11 Mira Solberg"},
		{"ID,Name\n11,Mira Solberg\nTotal: 1\n", eleven},
		{"ID;Name\n11;Mira Solberg\nGesamt;1\n", eleven},
		{"Name;ID\nMira Solberg;11\nSumme;1\n", eleven},
		{"ID,Name,Rate\n11,Mira Solberg,90%\nTotal students,1,\nAverage,,90%\n", eleven},
		{"学号,姓名\n11,Mira Solberg\n合计：1\n", eleven},
		{"11,Mira Solberg\nTotal: 1\n", "1: 11 Mira Solberg"},
		{"Student,ID,Section\n    Points Possible,,\nMira Solberg,11,A\n", "3: 11 Mira Solberg"}, // Canvas

		{"Foo,Bar\n11,Mira Solberg\n", unknown("Line 1 has “Foo”, “Bar”")},
		{"Foo,Bar,\n11,Mira Solberg,x\n", unknown("Line 1 has “Foo”, “Bar”")},
		{"Foo,Bar\nMira Solberg,11\n", unknown("Line 1 has “Foo”, “Bar”")},
		{"Class list 3b\nFoo,Bar\n11,Mira\n12,Bo\n", unknown("Line 2 has “Foo”, “Bar”")},
		{"Class list\n11\n12\n", unknown("Line 1 has “Class list”")},
		{"Foo,Name\n11,Mira Solberg\n", "Line 1 has “Foo”, “Name”; no column is known as the id. Name the columns id and name, or say which they are (idColumn, nameColumn); if the line is a student, say headerLine=0"},
		{"Student ID,Admission No,Name\n1,2,Mira\n", "More than one column may be the id: “Student ID”, “Admission No”; say which one is (idColumn)"},
		{"Mira Solberg,11\nBo Li,12\n", "The first column looks like names and the second one like ids; say which is which (idColumn, nameColumn)"},
		{"7,Bo\nID,Name\n11,Mira\n", "Line 1 stands above the header in line 2 and does not look like a title; remove it, or say which line is the header (headerLine)"},
		{"Class list 2026\n7,Asha\n8,Bo\n", "line 1: This looks like a title or a remark and not like a student; remove the line, or give the student a name"},
		{"ID,Name\n11,Mira\nExported by the registrar\n", "line 3: This looks like a title or a remark and not like a student; remove the line, or give the student a name"},
		{"ID,Name\n11,Mira\nTotal: 1\n12,Bo\n", "line 3: This looks like a total and not like a student; remove the line"},
		{"Name,ID\nMira,11\nAverage,85\n", "line 3: This looks like a total and not like a student; remove the line"},

		{"Summer,Mira\nBo,Total\n", "1: Summer Mira, 2: Bo Total"},
		{"total,Mira Solberg\n", "1: total Mira Solberg"},
		{"7,Ma\n8,Ho\n", "1: 7 Ma, 2: 8 Ho"},
		{"abc,Ma\nabd,Ho\n", "1: abc Ma, 2: abd Ho"},
		{"1,Student\n2,Bo\n", "1: 1 Student, 2: 2 Bo"},
	} {
		if got := describeRoster([]byte(test.file), columnChoice{}); got != test.want {
			t.Errorf("%q:\ngot  %s\nwant %s", test.file, got, test.want)
		}
	}
}

// TestRosterColumnsFollowCallersChoice: one line for each thing that a caller says about the columns.
func TestRosterColumnsFollowCallersChoice(t *testing.T) {
	at := func(line int) *int { return &line }
	const swapped = "Foo,Bar\nMira Solberg,11\n"
	for _, test := range []struct {
		file   string
		choice columnChoice
		want   string
	}{
		{swapped, columnChoice{id: "Bar", names: []string{"foo"}}, "2: 11 Mira Solberg"},
		{swapped, columnChoice{id: "2", names: []string{"1"}, header: at(1)}, "2: 11 Mira Solberg"},
		{swapped, columnChoice{id: "Bar"}, "2: 11 "},
		{swapped, columnChoice{id: "2", names: []string{"0"}, header: at(1)}, "2: 11 "},
		{swapped, columnChoice{header: at(0)}, "1: Foo Bar, 2: Mira Solberg 11"},
		{"Mira Solberg,11\nBo Li,12\n", columnChoice{id: "2"}, "1: 11 Mira Solberg, 2: 12 Bo Li"},
		{"id,a,b,c\n11,x,Mira,Solberg\n", columnChoice{names: []string{"b", "c"}}, "2: 11 Mira Solberg"},
		{"id,a,b,c\n11,x,Mira,Solberg\n", columnChoice{names: []string{"4", "3"}}, "2: 11 Solberg Mira"},
		{"Student ID,Admission No,Name\n1,2,Mira\n", columnChoice{id: "Admission No"}, "2: 2 Mira"},
		{"a,b\nid,name\n11,Mira\n", columnChoice{header: at(2)}, "3: 11 Mira"},
		{"x,11,Mira\ny,12,Bo\n", columnChoice{id: "2", names: []string{"3"}, header: at(0)}, "1: 11 Mira, 2: 12 Bo"},
		{"id,name\n11,Mira\n", columnChoice{id: "Number"}, "There is no column “Number”; the file has “id”, “name”"},
		{"id,name\n11,Mira\n", columnChoice{id: "3"}, "There is no column 3; the file has 2"},
		{"id,name\n11,Mira\n", columnChoice{names: []string{"id", "x"}}, "There is no column “x”; the file has “id”, “name”"},
		{"id,name\n11,Mira\n", columnChoice{header: at(9)}, "There is no header in line 9, which is empty or not in the file"},
		{"", columnChoice{id: "x", names: []string{"y"}}, "There are no students in the file"},
	} {
		if got := describeRoster([]byte(test.file), test.choice); got != test.want {
			t.Errorf("%q %+v:\ngot  %s\nwant %s", test.file, test.choice, got, test.want)
		}
	}
}

// TestRosterFileOddLinesAreWarnedOf: one line for each thing that is done and told.
func TestRosterFileOddLinesAreWarnedOf(t *testing.T) {
	for _, test := range []struct{ file, want string }{
		{"id,name\n11,Mira\n", ""},
		{"Class list\nID,Name\n11,Mira\nTotal: 1\n", "Line 1 was left out as a title: “Class list”; Line 4 was left out as a total: “Total: 1”"},
		{"id,name\n2023-11-04,Mira\n", "Line 2: The id \"2023-11-04\" looks like a date"},
		{"id,name\n4:03,Mira\n", "Line 2: The id \"4:03\" looks like a time"},
		{"id,name\n4929123412340000,Mira\n", "Line 2: The id \"4929123412340000\" may have lost its last digits in a spreadsheet"},
	} {
		read := readRosterCSV([]byte(test.file), columnChoice{})
		if got := strings.Join(read.warnings, "; "); got != test.want || read.err != nil {
			t.Errorf("%q:\ngot  %s, %v\nwant %s", test.file, got, read.err, test.want)
		}
	}
}

func TestRosterHeaderWordHasOneMeaning(t *testing.T) {
	seen := map[string]string{}
	for _, language := range rosterWords {
		for means, list := range language.words {
			for word := range strings.SplitSeq(list, ", ") {
				here := fmt.Sprint(means)
				if before, twice := seen[wordKey(word)]; twice && before != here {
					t.Errorf("%s: %q means %s, and %s before", language.of, word, here, before)
				}
				if wordKey(word) != "" {
					seen[wordKey(word)] = here
				}
			}
		}
	}
}
