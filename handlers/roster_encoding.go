package handlers

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
)

const byteOrderMark = "\ufeff"

var errNotUTF8 = invalid(reasonFile, "The file is not in UTF-8; in Excel, save it as “CSV UTF-8”")

// otherFormats are files that people upload in place of a CSV file, by how they begin.
var otherFormats = []struct{ begins, is string }{
	{"PK\x03\x04", "a workbook of Excel or another spreadsheet"},
	{"\xd0\xcf\x11\xe0", "an old workbook of Excel"},
	{"%PDF", "a PDF"},
	{"{\\rtf", "a text document"},
	{"<!DOCTYPE", "a web page"},
	{"<html", "a web page"},
	{"<table", "a web page"},
	{"<?xml", "XML"},
}

// rosterText returns the text of a file in UTF-8, in UTF-16, both with a byte order mark or without, or in a Windows code
// page that differs from the others.
func rosterText(file []byte) (string, error) {
	for _, format := range otherFormats {
		if bytes.HasPrefix(bytes.TrimPrefix(file, []byte(byteOrderMark)), []byte(format.begins)) {
			return "", invalid(reasonFile, "The file is %s and no CSV file; in Excel, save it as “CSV UTF-8”", format.is)
		}
	}
	text, ok := string(file), utf8.Valid(file) && bytes.IndexByte(file, 0) < 0
	switch {
	case ok:
		return strings.TrimPrefix(text, byteOrderMark), nil
	case bytes.HasPrefix(file, []byte{0xff, 0xfe}):
		text, ok = fromUTF16(file, binary.LittleEndian)
	case bytes.HasPrefix(file, []byte{0xfe, 0xff}):
		text, ok = fromUTF16(file, binary.BigEndian)
	case bytes.IndexByte(file, 0) >= 0:
		text, ok = fromUnmarkedUTF16(file)
	default:
		text, ok = fromCodePage(file)
	}
	if !ok || !printable(text) {
		return "", errNotUTF8
	}
	return strings.TrimPrefix(text, byteOrderMark), nil
}

// printable tells whether text has no control characters but those that separate cells and lines, and no character that
// stands for bytes that could not be decoded.
func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r == utf8.RuneError || unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r)
	})
}

func fromUTF16(file []byte, order binary.ByteOrder) (text string, ok bool) {
	units := make([]uint16, len(file)/2)
	for i := range units {
		units[i] = order.Uint16(file[2*i:])
	}
	return string(utf16.Decode(units)), len(file)%2 == 0
}

// fromUnmarkedUTF16 takes the byte order in which more of the text is ASCII: separators, digits and line ends are.
func fromUnmarkedUTF16(file []byte) (text string, ok bool) {
	little, ok := fromUTF16(file, binary.LittleEndian)
	big, _ := fromUTF16(file, binary.BigEndian)
	inLittle, inBig := countASCII(little), countASCII(big)
	if inBig > inLittle {
		little = big
	}
	return little, ok && inLittle != inBig
}

func countASCII(text string) (n int) {
	for _, r := range text {
		if r != 0 && r < utf8.RuneSelf {
			n++
		}
	}
	return n
}

// codePage names one of the encodings that Excel's plain “CSV” is in, by the language of Windows.
type codePage string

const (
	anyPage       codePage = "" // a language that people use on every Windows
	western       codePage = "windows-1252"
	centralEurope codePage = "windows-1250"
	cyrillic      codePage = "windows-1251"
	greek         codePage = "windows-1253"
	turkish       codePage = "windows-1254"
	hebrew        codePage = "windows-1255"
	arabic        codePage = "windows-1256"
	baltic        codePage = "windows-1257"
	vietnamese    codePage = "windows-1258"
	thai          codePage = "windows-874"
	japan         codePage = "Shift_JIS"
	mainlandChina codePage = "GBK"
	taiwan        codePage = "Big5"
	korea         codePage = "EUC-KR"
)

var codePages = map[codePage]encoding.Encoding{
	western: charmap.Windows1252, centralEurope: charmap.Windows1250, cyrillic: charmap.Windows1251, greek: charmap.Windows1253,
	turkish: charmap.Windows1254, hebrew: charmap.Windows1255, arabic: charmap.Windows1256, baltic: charmap.Windows1257,
	vietnamese: charmap.Windows1258, thai: charmap.Windows874, japan: japanese.ShiftJIS, mainlandChina: simplifiedchinese.GBK,
	taiwan: traditionalchinese.Big5, korea: korean.EUCKR,
}

// fromCodePage decodes a file whose header has words of one code page's languages, as that page writes them. Where no
// header says so, it is taken only if all pages of the Latin alphabet read the file alike: “é” and “ü” are the same in
// all of them, “ñ” is “ń” in another.
func fromCodePage(file []byte) (text string, ok bool) {
	head := headOf(file)
	best, pages := 0, []codePage{}
	for page := range codePages {
		score := 0
		if decoded, ok := decoded(head, page); ok {
			score = wordsOf(page, decoded)
		}
		if score > best {
			best, pages = score, nil
		}
		if score == best {
			pages = append(pages, page)
		}
	}
	if best == 0 {
		if !likelyLatin(file) {
			return "", false
		}
		pages = []codePage{western, centralEurope, turkish, baltic, vietnamese}
	}
	for i, page := range pages {
		read, valid := decoded(file, page)
		if !valid || i > 0 && read != text {
			return "", false
		}
		text = read
	}
	return text, true
}

func decoded(file []byte, page codePage) (text string, ok bool) {
	read, err := codePages[page].NewDecoder().Bytes(file)
	return string(read), err == nil && printable(string(read))
}

// headOf returns the first lines of a file, cut where a line ends if they are not the whole file.
func headOf(file []byte) []byte {
	if len(file) <= headBytes {
		return file
	}
	return file[:bytes.LastIndexAny(file[:headBytes], "\r\n")+1]
}

// headBytes is how much of a file decides in which encoding and with which separator it was written.
const headBytes = 8 << 10

// wordsOf counts the cells that are words of a header in languages that are written in a code page.
func wordsOf(page codePage, text string) (n int) {
	lines := strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' })
	for _, line := range lines[:min(len(lines), headLines)] {
		for _, cell := range strings.FieldsFunc(line, func(r rune) bool { return slices.Contains(separators, r) }) {
			if slices.Contains(headerWords[wordKey(cell)].pages, page) {
				n++
			}
		}
	}
	return n
}

// likelyLatin tells whether in each word with letters beyond ASCII most letters are ASCII. In other alphabets hardly any
// is; in the encodings of Chinese, Japanese and Korean at most every second byte.
func likelyLatin(file []byte) bool {
	ascii, beyond := 0, 0
	for _, b := range append(slices.Clip(file), '\n') {
		switch {
		case b >= utf8.RuneSelf:
			beyond++
		case 'a' <= b|0x20 && b|0x20 <= 'z':
			ascii++
		default:
			if beyond > 0 && beyond >= ascii {
				return false
			}
			ascii, beyond = 0, 0
		}
	}
	return true
}
