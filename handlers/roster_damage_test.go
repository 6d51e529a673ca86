package handlers

import (
	"fmt"
	"testing"
)

// TestIDsDamagedBySpreadsheetAreRefused: one line for each thing that spreadsheets make of ids. What real ids look like as well is taken.
func TestIDsDamagedBySpreadsheetAreRefused(t *testing.T) {
	const number, whole, percentage, failure, truth, date = "what Excel makes of a long number", "what a program makes of a whole number",
		"a percentage", "an error of a spreadsheet", "a truth value of a spreadsheet", "a date that a spreadsheet made of it"
	for id, is := range map[string]string{
		"2.02312E+11": number, "1E+11": number, "2.02312E11": number, "-1.5E+12": number, "2٫02312E+11": number, "1,5E+11": number,
		"2,02312e+11": number, "1.E+11": number, "2.02E-05": number, "٢٫٠٢٣E+١١": number, "1,00 E+11": number, "−1E+11": number,
		"11.0": whole, "202312,00": whole,
		"5%": percentage, "12,5 %": percentage,
		"########": "what a spreadsheet shows where a column is too narrow", "#": "what a spreadsheet shows where a column is too narrow",
		"#N/A": failure, "#REF!": failure, "#VALUE!": failure, "#DIV/0!": failure, "#NAME?": failure, "#NULL!": failure, "#NUM!": failure,
		"#BEZUG!": failure, "#WERT!": failure, "#NV": failure, "#NOM?": failure, "#¡VALOR!": failure, "#¿NOMBRE?": failure, "#Н/Д": failure,
		"#ССЫЛКА!": failure, "#ДЕЛ/0!": failure, "#SPILL!": failure, "#YOK": failure, "Err:502": failure, "#n/a": failure,
		"=A1": "a formula", "=SUM(A1:A2)": "a formula",
		"TRUE": truth, "FALSE": truth, "WAHR": truth, "VRAI": truth, "VERDADERO": truth, "ИСТИНА": truth,
		"04-Mar": date, "4-Mar": date, "Mar-04": date, "04.03.": date, "4.3.": date, "04. Mrz": date, "04-mars": date, "12-dic": date, "1-Sept": date,
		"04-Mar-24": date, "04-Mar-2024": date, "Mar-2024": date, "04.03.2024": date, "3/4/2024": date, "03/04/24": date, "04-май": date,
		"2024-03-04 00:00:00": date, "2024-03-04T00:00:00": date, "04.03.2024 00:00": date, "3/4/2024 12:00 AM": date, "3月4日": date, "2024年3月4日": date,

		"11": "", "007": "", "s-101": "", "2023-11-04": "", "2023-11045": "", "2019/1/70584CS": "", "12E3": "", "1E11": "", "E11": "", "123E": "", "MAR-04": "",
		"Mar04": "", "Gen-01": "", "May-12345": "", "13.11.1234": "", "1.2.3": "", "1.10": "", "123.456.789-00": "", "202,312": "", "#17": "", "#a1": "",
		"true": "", "True": "", "+491701234567": "", "-5": "", "@mira": "", "4:03": "", "a=b": "", "m.solberg@x.no": "", "3.A": "", "50%a": "", "०७": "", "李": "",
		`="0017"`: "", "32.13.": "", "13/13/2024x": "",
	} {
		if got := damage(id); got != is {
			t.Errorf("%s is %q, want %q", id, got, is)
		}
		got := describeRoster([]byte("id\tname\n"+id+"\tMira\n"), columnChoice{})
		want := fmt.Sprintf("line 2: %s is %s; format the column as text and type the id again", id, is)
		if refused := got == want; refused != (is != "") {
			t.Errorf("%s: %s", id, got)
		}
	}
}

// TestRosterIDsOfAllKindsAreTaken: one line for each id that needs something done to it.
func TestRosterIDsOfAllKindsAreTaken(t *testing.T) {
	for id, want := range map[string]string{
		"\u200b17": "2: 17 Mira", "17\u00ad": "2: 17 Mira", "\u202a17\u202c": "2: 17 Mira", " \u200b 17 \u00a0": "2: 17 Mira", "\ufeff17": "2: 17 Mira",
		"\"=\"\"0017\"\"\"": "2: 0017 Mira",
		"1\u200b7":          "line 2: An id must not have invisible characters in it; type it again",
		"\u200b":            "line 2: The id is missing",
	} {
		if got := describeRoster([]byte("id,name\n"+id+",Mira\n"), columnChoice{}); got != want {
			t.Errorf("%q: got %s, want %s", id, got, want)
		}
	}
	const twice = "line 3: The id 17 is in line 2 already"
	if got := describeRoster([]byte("id,name\n17,Mira\n\u200b17,Mira\n"), columnChoice{}); got != twice {
		t.Errorf("got %s, want %s", got, twice)
	}
	if got, want := describeRoster([]byte("id,name\n17,\u202eMira\u2066 \n"), columnChoice{}), "2: 17 Mira"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
