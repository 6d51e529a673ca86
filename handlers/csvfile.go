package handlers

import (
	"bufio"
	"encoding/csv"
	"io"
	"iter"
	"mime"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"
)

// csvFile is a table that Excel opens by a double click. Its rows are sent as they are read, so that a long one takes no
// more memory than a short one.
type csvFile struct {
	name string
	head []string
	rows iter.Seq2[[]string, error]
}

// write sends the table. After an error the connection must be ended: the status has been sent, and half a table must
// not look like a whole one.
func (f csvFile) write(c *gin.Context) error {
	c.Header("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name + ".csv"}))
	c.Header("Content-Type", mediaCSV+"; charset=utf-8")
	c.Status(http.StatusOK)
	return f.writeTo(c.Writer)
}

// writeTo begins with a byte order mark, without which Excel takes UTF-8 for something else.
func (f csvFile) writeTo(out io.Writer) error {
	buffered := bufio.NewWriter(out)
	_, _ = buffered.WriteString(byteOrderMark) // Flush returns the error
	writer := csv.NewWriter(buffered)          // has no other buffer
	writer.UseCRLF = true
	if err := writer.Write(mapped(f.head, escapeFormula)); err != nil {
		return err
	}
	for row, err := range f.rows {
		if err != nil {
			return err
		}
		if err := writer.Write(mapped(row, escapeFormula)); err != nil {
			return err
		}
	}
	writer.Flush()
	return writer.Error()
}

// fileName joins what there is, without the characters that some file system does not take.
func fileName(parts ...string) string {
	name := strings.Join(parts, "-")
	return strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name), "-")
}
