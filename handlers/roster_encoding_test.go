package handlers

import (
	"encoding/binary"
	"testing"
	"unicode/utf16"
)

// TestRosterFileEncodingIsRecognised: one line for each encoding in which programs write a roster.
func TestRosterFileEncodingIsRecognised(t *testing.T) {
	const refused = "The file is not in UTF-8; in Excel, save it as “CSV UTF-8”"
	in := func(page codePage, text string) string {
		encoded, err := codePages[page].NewEncoder().String(text)
		if err != nil {
			t.Fatalf("%s: %v", page, err)
		}
		return encoded
	}
	sixteen := func(order binary.ByteOrder, text string) string {
		var file []byte
		for _, unit := range utf16.Encode([]rune(text)) {
			file = append(file, 0, 0)
			order.PutUint16(file[len(file)-2:], unit)
		}
		return string(file)
	}
	const zoë, lǐ = "id\tname\r\n007\tZoë Łącka\r\n", "学号,姓名\n一,李一一\n"
	for _, test := range []struct{ encoding, file, want string }{
		{"UTF-16, little end first, marked", sixteen(binary.LittleEndian, byteOrderMark+zoë), "2: 007 Zoë Łącka"},
		{"UTF-16, big end first, marked", sixteen(binary.BigEndian, byteOrderMark+zoë), "2: 007 Zoë Łącka"},
		{"UTF-16, little end first", sixteen(binary.LittleEndian, zoë), "2: 007 Zoë Łącka"},
		{"UTF-16, big end first", sixteen(binary.BigEndian, zoë), "2: 007 Zoë Łącka"},
		{"UTF-16 with hardly any ASCII, little", sixteen(binary.LittleEndian, lǐ), "2: 一 李一一"},
		{"UTF-16 with hardly any ASCII, big", sixteen(binary.BigEndian, lǐ), "2: 一 李一一"},
		{"UTF-16 beyond the basic plane", sixteen(binary.LittleEndian, byteOrderMark+"id,name\n7,𠮷田\n"), "2: 7 𠮷田"},
		{"UTF-16 that breaks off", sixteen(binary.LittleEndian, byteOrderMark+zoë)[:21], refused},
		{"half a surrogate pair", "\xff\xfe7\x00,\x00\x00\xd8\n\x00", refused},
		{"UTF-32", "\xff\xfe\x00\x00i\x00\x00\x00d\x00\x00\x00", refused},
		{"binary", "\x00\x01\x02\x00", refused},

		{"Western, by its header", in(western, "Matrikelnummer;Vorname;Nachname\r\n7;Zoë;Muñoz\r\n"), "2: 7 Zoë Muñoz"},
		{"Western, by an accent in its header", in(western, "Numéro étudiant;Prénom;Nom\r\n7;Zoë;Lefèvre\r\n"), "2: 7 Zoë Lefèvre"},
		{"Central European, by its header", in(centralEurope, "Numer albumu;Imię;Nazwisko\r\n7;Zofia;Łącka\r\n"), "2: 7 Zofia Łącka"},
		{"Turkish, by its header", in(turkish, "Öğrenci No;Adı Soyadı\r\n7;Ayşe Yıldız\r\n"), "2: 7 Ayşe Yıldız"},
		{"Cyrillic, by its header", in(cyrillic, "Номер;Фамилия;Имя\r\n7;Иванов;Иван\r\n"), "2: 7 Иван Иванов"},
		{"Greek, by its header", in(greek, "Αριθμός μητρώου;Όνομα;Επώνυμο\r\n7;Νίκος;Παπάς\r\n"), "2: 7 Νίκος Παπάς"},
		{"Hebrew, by its header", in(hebrew, "תעודת זהות,שם מלא\n7,דוד לוי\n"), "2: 7 דוד לוי"},
		{"Arabic, by its header", in(arabic, "رقم الطالب,الاسم\n7,علي حسن\n"), "2: 7 علي حسن"},
		{"Baltic, by its header", in(baltic, "Studento numeris;Vardas;Pavardė\n7;Rūta;Kazlauskaitė\n"), "2: 7 Rūta Kazlauskaitė"},
		{"Thai, by its header", in(thai, "รหัสนักศึกษา,ชื่อ-นามสกุล\n7,สมชาย ใจดี\n"), "2: 7 สมชาย ใจดี"},
		{"GBK, by its header", in(mainlandChina, "学号,姓名\n7,李小龙\n"), "2: 7 李小龙"},
		{"Big5, by its header", in(taiwan, "學號,姓名\n7,李小龍\n"), "2: 7 李小龍"},
		{"Shift JIS, by its header", in(japan, "学籍番号,氏名\n7,山田太郎\n"), "2: 7 山田太郎"},
		{"EUC-KR, by its header", in(korea, "학번,이름\n7,김철수\n"), "2: 7 김철수"},

		{"what is the same in all Latin pages", in(western, "ID;Name\n7;José Müller\n"), "2: 7 José Müller"},
		{"what is the same, without a header", in(western, "7;José Müller\n"), "1: 7 José Müller"},
		{"Zoë or the Lithuanian Zoė", in(western, "ID;Name\n7;Zoë\n"), refused},
		{"Cyrillic or Greek", in(cyrillic, "ID;Name\n7;Иванов\n"), refused},
		{"Chinese or Korean", in(mainlandChina, "ID,Name\n7,李小龙\n"), refused},

		{"a workbook", "PK\x03\x04\x14\x00", "The file is a workbook of Excel or another spreadsheet and no CSV file; in Excel, save it as “CSV UTF-8”"},
		{"an old workbook", "\xd0\xcf\x11\xe0\xa1", "The file is an old workbook of Excel and no CSV file; in Excel, save it as “CSV UTF-8”"},
		{"a page that is called .xls", "<html><table>", "The file is a web page and no CSV file; in Excel, save it as “CSV UTF-8”"},
		{"a PDF", "%PDF-1.7", "The file is a PDF and no CSV file; in Excel, save it as “CSV UTF-8”"},
	} {
		t.Run(test.encoding, func(t *testing.T) {
			if got := describeRoster([]byte(test.file), columnChoice{}); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
